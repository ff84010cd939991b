"""Unexpected exceptions: how they are answered and logged."""

from devicehive.log.outcomes import name_failure
from devicehive.orm.failures import note_failure, refusal_of
from devicehive.protocol.refusals import ProtocolRefusal, Refused


def refuse_failure(error: Exception, **about: object) -> Refused:
    """Log an unexpected exception and return the refusal to answer with: 503 or 507 if the database
    is the cause (R-49), otherwise 500 with an id that is also in the log (R-54). `about` names the
    request in the log."""
    refused = refusal_of(error)
    if refused is not None:
        note_failure(error, f"requests are refused with {refused.code}")
        return refused
    return ProtocolRefusal.INTERNAL(name_failure(error, **about))
