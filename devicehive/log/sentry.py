"""Sends errors to Sentry. This module is imported only if SENTRY_DSN is set.

Sentry gets the kind of an error and its place in the code, but nothing that a client sent: no
variables, no texts of exceptions, which may quote values to be stored, and of the members of a line
only those in TOLD. The id that a client got with a 500 leads from Sentry to the log line.
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
"""How many events a process sends in a minute; each takes a millisecond of its event loop."""
OURS = ("devicehive", "devices")
"""The loggers whose messages are constant texts of this project; those of others may quote data."""
TOLD = ("action", "method", "code", "error")
"""The members of a log line that are sent: no client can choose their values."""


class SentryHandler(logging.Handler):
    def __init__(self, dsn: str) -> None:
        super().__init__(logging.ERROR)
        self.bound = Bound(MOST_IN_A_MINUTE, seconds=60)
        sentry_sdk.init(
            dsn,
            release=__version__,
            # All default integrations collect data of requests, of variables or of the machine.
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[AtexitIntegration(callback=_note_waiting)],
            include_local_variables=False,
            max_breadcrumbs=0,
            send_client_reports=False,
        )

    def emit(self, record: logging.LogRecord) -> None:
        # An error of the SDK, such as that Sentry cannot be reached, would cause another, for ever.
        if record.name.startswith("sentry_sdk") or not self.bound.take():
            return
        try:
            sentry_sdk.capture_event(event_of(record))
        except Exception:
            self.handleError(record)


def event_of(record: logging.LogRecord) -> Any:
    """The event that Sentry gets of a log line."""
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


def _note_waiting(pending: int, timeout: float) -> None:
    """Log that the process waits for Sentry at its end, instead of the SDK's two lines on
    stderr."""
    logging.getLogger(__name__).info("waiting for Sentry", extra=beside(events=pending))
