"""What becomes of an exception that nobody has expected: an answer, and a line in the log."""

import logging
import secrets

from devicehive.orm.failures import note_failure, refusal_of
from devicehive.protocol.refusals import ProtocolRefusal, Refused

logger = logging.getLogger(__name__)


def refuse_failure(error: Exception, what: str) -> Refused:
    """The refusal to answer with: 503 or 507 if the database is to blame (R-49), 500 otherwise,
    with an id that stands in the log too (R-54)."""
    refused = refusal_of(error)
    if refused is not None:
        note_failure(error, f"{what} was refused with {refused.code}")
        return refused
    id_ = secrets.token_hex(4)
    logger.error("%s failed (error %s)", what, id_, exc_info=error)
    return ProtocolRefusal.INTERNAL(id_)
