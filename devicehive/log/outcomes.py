"""What the log says of requests that did not succeed: one line for each, within bounds."""

import logging
import secrets

from devicehive.log.bounds import Bound
from devicehive.log.lines import beside
from devicehive.log.visitors import VISITOR, Visitor
from devicehive.protocol.refusals import Refused

logger = logging.getLogger(__name__)

LINES_OF_A_CLIENT = 10
"""How many refused requests of one WebSocket have a line in a minute, beside the first one for each
reason. There are as many reasons as the code has refusals."""
LINES_OF_ALL = 300
"""Of a process, in ten seconds. A line takes some 20 µs, so these are 0.1 % of a core."""

_of_all = Bound(LINES_OF_ALL, seconds=10)


def note_refusal(refused: Refused, visitor: Visitor | None = None, /, **about: object) -> None:
    """Say that a request was refused, `about` which action and what of it. Of what the client sent
    nothing is quoted but ids: a text of the protocol may hold a password."""
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
    """Say why the server ends a connection that has become nothing yet."""
    if _may_write(visitor, why):
        logger.info("dropped", extra=beside(visitor, why=why))


def _may_write(visitor: Visitor | None, reason: str) -> bool:
    """Whether there is to be a line. The first refusal for a reason has one however many others
    have come before it: whoever looks for why a device does not come through needs the last of
    its troubles too."""
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
    """Log what a request has failed with, and return an id that the line has.

    What several requests have failed with, such as a whole batch, has one id and one traceback.
    Each of many failures in a short time has a line, but not each has a traceback.
    """
    error_id, is_new = _failure_of(error)
    traceback = error if is_new and _of_all.take() else None
    logger.error("a request failed", exc_info=traceback, extra=beside(**about, error=error_id))
    return error_id


def _failure_of(error: Exception) -> tuple[str, bool]:
    """The id of a failure, which is kept with it, and whether it is new."""
    known = error.__dict__.get("error_id")
    if known is not None:
        return str(known), False
    error.__dict__["error_id"] = secrets.token_hex(4)
    return error.__dict__["error_id"], True
