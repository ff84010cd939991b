"""Settings: what is logged, and how."""

from devicehive import env

LOG_FORMAT = env.choice(
    "LOG_FORMAT",
    "LINE",
    "How lines of the log look: for people, or one JSON object each.",
    of=("LINE", "JSON"),
)
LOG_LEVEL = env.choice(
    "LOG_LEVEL",
    "INFO",
    "Least level of log lines on stderr.",
    of=("DEBUG", "INFO", "WARNING", "ERROR"),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "LINE": {"()": "devicehive.log.lines.LineFormatter"},
        "JSON": {"()": "devicehive.log.lines.JsonFormatter"},
    },
    "filters": {"errors": {"()": "devicehive.serving.error_pages.NameErrors"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["errors"]}
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Daphne reports each endpoint and each killed coroutine at INFO; `serving.server` says it
        # in one line.
        "daphne": {"level": "WARNING"},
        # The channel layer traces every attempt to reach Redis; `events.outbox` says that it is
        # away.
        "channels_redis": {"level": "CRITICAL"},
        # These write what is stored, and what is received, at DEBUG.
        "django.db.backends": {"level": "INFO"},
        "websockets": {"level": "INFO"},
    },
}
