"""Who a connection, or a request, acts for (protocol, 2.9)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from devicehive.protocol.actions import Caller
from devicehive.protocol.claims import ClaimsSet
from devicehive.protocol.connections import Connection
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devicehive.protocol.sessions import sessions
from devices.models import User
from devices.services import last_logins, open_connections, standing, tokens


@dataclass(frozen=True, slots=True)
class Authentication:
    """That a caller is to act for the user of an access token."""

    caller: Caller
    claims: ClaimsSet

    @classmethod
    def of(cls, caller: Caller, token: str) -> Self:
        """Raises Refused for what is no access token, or an expired one."""
        return cls(caller, tokens.verify_access(token))


def authenticate_many(requests: Sequence[Authentication]) -> list[Refused | None]:
    """Make callers act for the users of their tokens, who log in with them (2.9)."""
    changes = sessions.changes
    found = list(_find_holders(requests))
    last_logins.record_later(each for each in found if isinstance(each, User))
    for request, holder in zip(requests, found, strict=True):
        if isinstance(holder, User):
            _become(request, holder, changes)
    return _results(found)


def identify_many(requests: Sequence[Authentication]) -> list[Refused | None]:
    """The same for callers whose token comes with every request: that is no log-in."""
    found = list(_find_holders(requests))
    for request, holder in zip(requests, found, strict=True):
        if isinstance(holder, User):
            request.caller.become(standing.principal_of(holder, request.claims))
    return _results(found)


def _find_holders(requests: Sequence[Authentication]) -> Iterator[User | Refused]:
    """The active user of each token, or why it is refused. One look at the database."""
    found = standing.find_users([request.claims for request in requests])
    for request, (user, is_revoked) in zip(requests, found, strict=True):
        if user is None or not user.is_active:
            yield ProtocolRefusal.INVALID_CREDENTIALS()
        elif standing.has_ended(user, request.claims, is_revoked=is_revoked):
            yield ProtocolRefusal.TOKEN_EXPIRED()
        else:
            yield user


def _results(found: Sequence[User | Refused]) -> list[Refused | None]:
    return [each if isinstance(each, Refused) else None for each in found]


def _become(request: Authentication, user: User, changes: int) -> None:
    caller, had_lost = request.caller, request.caller.principal is None
    caller.become(standing.principal_of(user, request.claims))
    if isinstance(caller, Connection) and (
        # What was read may be old, and subscriptions that had fallen silent go on.
        sessions.changes != changes or (had_lost and caller.subscriptions)
    ):
        known = open_connections.Known(user.pk, [caller])
        open_connections.refresh_connection(caller, known)
