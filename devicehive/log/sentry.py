"""Errors, told to Sentry too (SENTRY_DSN): which, and where in the code. Imported only then.

Of what a client sent nothing leaves: no member of a line, no text of an exception, which may quote
what was to be stored, no variable. The id that a client was given with a 500 leads from Sentry to
the line of the log that has the rest.
"""

import logging
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.utils import event_from_exception

from devicehive import __version__
from devicehive.log.bounds import Bound
from devicehive.log.lines import beside

MOST_IN_A_MINUTE = 60
"""Events of a process; one takes a millisecond of its event loop."""
OURS = ("devicehive", "devices")
"""Loggers whose messages hold nothing that was not written here; others quote what they like."""
TOLD = ("action", "method", "code", "error")
"""Members of a line that no client can choose."""


class SentryHandler(logging.Handler):
    def __init__(self, dsn: str) -> None:
        super().__init__(logging.ERROR)
        self.bound = Bound(MOST_IN_A_MINUTE, seconds=60)
        sentry_sdk.init(
            dsn,
            release=__version__,
            # All of them collect something of requests, of variables, or of the machine.
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[AtexitIntegration(callback=_leave)],
            include_local_variables=False,
            max_breadcrumbs=0,
            send_client_reports=False,
        )

    def emit(self, record: logging.LogRecord) -> None:
        # Its own errors, that it cannot be reached, would be told to it for ever.
        if record.name.startswith("sentry_sdk") or not self.bound.take():
            return
        try:
            sentry_sdk.capture_event(event_of(record))
        except Exception:
            self.handleError(record)


def event_of(record: logging.LogRecord) -> Any:
    """What leaves of a line of the log."""
    event: Any = {}
    if record.exc_info:
        options = sentry_sdk.get_client().options
        event, _ = event_from_exception(record.exc_info, client_options=options)
        for exception in event["exception"]["values"]:
            exception.pop("value", None)
    members = getattr(record, "members", {})
    return event | {
        "level": "fatal" if record.levelno >= logging.CRITICAL else "error",
        "logger": record.name,
        "message": record.msg if record.name.startswith(OURS) else None,
        "tags": {name: str(members[name]) for name in TOLD if name in members},
    }


def _leave(pending: int, timeout: float) -> None:
    """In the place of two lines on stderr."""
    logging.getLogger(__name__).info("waiting for Sentry", extra=beside(events=pending))
