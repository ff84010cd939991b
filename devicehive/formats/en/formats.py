"""All moments are UTC (TIME_ZONE), and say so: who reads them may be anywhere."""

DATETIME_FORMAT = r"Y-m-d H:i \U\T\C"
