"""By whom something is done, for those who hear of it afterwards (`devicehive.orm.changes`)."""

from contextvars import ContextVar

from devicehive.protocol.permissions import Principal

ACTOR: ContextVar[Principal | None] = ContextVar("ACTOR", default=None)
"""Set for a request, by the call of a frame or path and by the admin; by a command, for good."""
