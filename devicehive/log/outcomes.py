"""Logs refused and failed requests: one line for each, at a limited rate."""

import logging
import secrets

from devicehive.log.bounds import Bound
from devicehive.log.lines import beside
from devicehive.log.visitors import VISITOR, Visitor
from devicehive.protocol.refusals import Refused

logger = logging.getLogger(__name__)

LINES_OF_A_CLIENT = 10
"""How many refused requests of one WebSocket are logged in a minute, not counting the first one for
each reason. The number of reasons is limited, because each is a refusal in the code."""
LINES_OF_ALL = 300
"""How many lines a process logs in ten seconds. A line takes some 20 µs, so these are 0.1 % of a
core."""

_of_all = Bound(LINES_OF_ALL, seconds=10)


def note_refusal(refused: Refused, visitor: Visitor | None = None, /, **about: object) -> None:
    """Log that a request was refused; `about` has the members that identify it. Nothing that the
    client sent is logged but ids, because a text of the protocol may contain a password."""
    visitor = visitor or VISITOR.get()
    if not _may_write(visitor, refused.reason):
        return
    cause = refused.cause
    members = {**about, "code": refused.code, "reason": refused.reason}
    if unshown := _of_all.count_unshown():
        members["unshown"] = unshown
    if cause is None:
        logger.info("request refused", extra=beside(visitor, **members))
    else:
        logger.warning(cause.event, extra=beside(visitor, **members | cause.members))


def note_drop(visitor: Visitor, why: str) -> None:
    """Log why the server closes a connection that has not become a WebSocket or a request."""
    if _may_write(visitor, why):
        logger.info("dropped", extra=beside(visitor, why=why))


def _may_write(visitor: Visitor | None, reason: str) -> bool:
    """Whether to log a refusal, which is counted in any case. The first refusal for each reason is
    logged even if a client has had many others: to find out why a device does not get through, one
    needs to see all of its reasons."""
    if visitor is not None and visitor.connection is not None:
        visitor.refused += 1
        if visitor.bound is None:
            visitor.bound = Bound(LINES_OF_A_CLIENT, seconds=60)
        is_new = reason not in visitor.reasons
        visitor.reasons |= {reason}
        if not (visitor.bound.take() or is_new):
            return False
    return _of_all.take()


def name_failure(error: Exception, **about: object) -> str:
    """Log that a request failed with an unexpected error. Returns the id of the error in the log.

    If several requests fail with the same error, such as a whole batch, it has one id and one
    traceback. Each failure is logged, but if there are many in a short time, not each has a
    traceback.
    """
    error_id, is_new = _failure_of(error)
    traceback = error if is_new and _of_all.take() else None
    logger.error("a request failed", exc_info=traceback, extra=beside(**about, error=error_id))
    return error_id


def _failure_of(error: Exception) -> tuple[str, bool]:
    """The id of an error, which is stored in the exception, and whether it is new."""
    known = error.__dict__.get("error_id")
    if known is not None:
        return str(known), False
    error.__dict__["error_id"] = secrets.token_hex(4)
    return error.__dict__["error_id"], True
