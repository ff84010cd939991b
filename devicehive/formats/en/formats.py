"""All times are in UTC (TIME_ZONE) and say so, because the reader may be in any time zone."""

DATETIME_FORMAT = r"Y-m-d H:i \U\T\C"
