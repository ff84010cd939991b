"""What becomes of an exception that nobody has expected: an answer, and a line in the log."""

from devicehive.log.outcomes import name_failure
from devicehive.orm.failures import note_failure, refusal_of
from devicehive.protocol.refusals import ProtocolRefusal, Refused


def refuse_failure(error: Exception, **about: object) -> Refused:
    """The refusal to answer with: 503 or 507 if the database is to blame (R-49), 500 otherwise,
    with an id that stands in the log too (R-54), `about` which request."""
    refused = refusal_of(error)
    if refused is not None:
        note_failure(error, f"requests are refused with {refused.code}")
        return refused
    return ProtocolRefusal.INTERNAL(name_failure(error, **about))
