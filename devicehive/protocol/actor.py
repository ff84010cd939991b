"""The principal on whose behalf the current code runs, for receivers of `devicehive.orm.changes`,
which learn of a change after the commit."""

from contextvars import ContextVar

from devicehive.protocol.permissions import Principal

ACTOR: ContextVar[Principal | None] = ContextVar("ACTOR", default=None)
"""Set for the duration of a request by the WebSocket, REST and the admin; a command sets it once,
for the whole process."""
