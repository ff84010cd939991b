"""Settings: what is logged, and how."""

import re
from importlib.util import find_spec
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

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
SENTRY_DSN = env.url(
    "SENTRY_DSN",
    "",
    "Where Sentry takes errors: `https://KEY@HOST/PROJECT`. It is told which and where in "
    "the code, and nothing that clients have sent. `make sentry` installs what it needs.",
    schemes=("http", "https"),
)


def _sentry() -> dict[str, object]:
    """The handler of SENTRY_DSN. Raises ImproperlyConfigured where it could not work."""
    parts = urlsplit(SENTRY_DSN)
    if not (parts.username and re.fullmatch(r"/(.+/)?[0-9]+", parts.path)):
        raise ImproperlyConfigured("SENTRY_DSN is not valid; expected: https://KEY@HOST/PROJECT")
    if find_spec("sentry_sdk") is None:
        raise ImproperlyConfigured(
            "SENTRY_DSN needs a package more: run make sentry, or install devicehive-server[sentry]"
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
