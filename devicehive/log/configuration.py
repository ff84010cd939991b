"""Settings of the log: its level, its format, and Sentry."""

import re
from importlib.util import find_spec
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from devicehive import env

LOG_FORMAT = env.choice(
    "LOG_FORMAT",
    "LINE",
    "Format of log lines: LINE for people, or JSON with one object per line.",
    of=("LINE", "JSON"),
)
LOG_LEVEL = env.choice(
    "LOG_LEVEL",
    "INFO",
    "Lowest level of log lines on stderr.",
    of=("DEBUG", "INFO", "WARNING", "ERROR"),
)
SENTRY_DSN = env.url(
    "SENTRY_DSN",
    "",
    "URL to which errors are sent, for Sentry: `https://KEY@HOST/PROJECT`. It gets the kind of the "
    "error and its place in the code, and nothing that clients have sent. `make sentry` installs "
    "the package that is needed.",
    schemes=("http", "https"),
)


def _sentry() -> dict[str, object]:
    """The log handler for SENTRY_DSN. Raises ImproperlyConfigured if it could not work."""
    parts = urlsplit(SENTRY_DSN)
    if not (parts.username and re.fullmatch(r"/(.+/)?[0-9]+", parts.path)):
        raise ImproperlyConfigured("SENTRY_DSN is not valid; expected: https://KEY@HOST/PROJECT")
    if find_spec("sentry_sdk") is None:
        raise ImproperlyConfigured(
            "SENTRY_DSN needs a package: run make sentry, or install devicehive-server[sentry]"
        )
    return {"class": "devicehive.log.sentry.SentryHandler", "dsn": SENTRY_DSN}


HANDLERS: dict[str, dict[str, object]] = {
    "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["errors"]}
}
if SENTRY_DSN:
    HANDLERS["sentry"] = _sentry()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "LINE": {"()": "devicehive.log.lines.LineFormatter"},
        "JSON": {"()": "devicehive.log.lines.JsonFormatter"},
    },
    "filters": {"errors": {"()": "devicehive.serving.error_pages.NameErrors"}},
    "handlers": HANDLERS,
    "root": {"handlers": list(HANDLERS), "level": LOG_LEVEL},
    "loggers": {
        # Daphne logs each endpoint and each killed coroutine at INFO; `serving.server` logs it in
        # one line.
        "daphne": {"level": "WARNING"},
        # The channel layer logs a traceback for every attempt to reach Redis; `events.outbox` logs
        # that Redis is away.
        "channels_redis": {"level": "CRITICAL"},
        # At DEBUG, these log what is stored and what is received.
        "django.db.backends": {"level": "INFO"},
        "websockets": {"level": "INFO"},
    },
}
