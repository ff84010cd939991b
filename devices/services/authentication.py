"""Authenticate connections and requests by their access tokens (protocol, 2.9)."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

from devicehive.log.lines import beside
from devicehive.log.visitors import VISITOR, Visitor
from devicehive.protocol.actions import Caller
from devicehive.protocol.claims import ANY_ID, ClaimsSet
from devicehive.protocol.connections import Connection
from devicehive.protocol.permissions import ALL, CLIENT, Limit, Permission, Principal
from devicehive.protocol.refusals import Refused
from devicehive.protocol.sessions import sessions
from devices.models import User
from devices.services import last_logins, open_connections, standing, token_checks

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Authentication:
    """A request that a caller may act for the user of an access token."""

    caller: Caller
    claims: ClaimsSet
    visitor: Visitor | None = field(default_factory=VISITOR.get)
    """Whom log lines are about. It is kept here because many requests are looked up together."""

    @classmethod
    def of(cls, caller: Caller, token: str) -> Self:
        """Raises Refused if `token` is not a valid access token or has expired."""
        return cls(caller, token_checks.read_access(token))


def authenticate_many(requests: Sequence[Authentication]) -> list[Refused | None]:
    """Make callers act for the users of their tokens, and count this as their log-in (2.9)."""
    changes = sessions.changes
    found = list(_find_holders(requests))
    last_logins.record_later(each for each in found if isinstance(each, User))
    for request, holder in zip(requests, found, strict=True):
        if isinstance(holder, User):
            _become(request, holder, changes)
    return _results(found)


def identify_many(requests: Sequence[Authentication]) -> list[Refused | None]:
    """Make REST callers act for the users of their tokens. This does not count as a log-in, because
    the token comes with every request."""
    found = list(_find_holders(requests))
    for request, holder in zip(requests, found, strict=True):
        if isinstance(holder, User):
            request.caller.become(standing.principal_of(holder, request.claims))
    return _results(found)


def _find_holders(requests: Sequence[Authentication]) -> Iterator[User | Refused]:
    """The active user of each token, or why it is refused. Takes one query."""
    found = standing.find_users([request.claims for request in requests])
    for request, holder in zip(requests, found, strict=True):
        yield token_checks.judge_access(request.claims, holder)


def _results(found: Sequence[User | Refused]) -> list[Refused | None]:
    return [each if isinstance(each, Refused) else None for each in found]


def _become(request: Authentication, user: User, changes: int) -> None:
    caller, had_lost = request.caller, request.caller.principal is None
    principal = standing.principal_of(user, request.claims)
    caller.become(principal)
    _note(request.visitor, user, principal)
    if isinstance(caller, Connection) and (
        # What was read may be out of date, and subscriptions that had stopped continue.
        sessions.changes != changes or (had_lost and caller.subscriptions)
    ):
        user_now = open_connections.UserNow(user.pk, [caller])
        open_connections.refresh_connection(caller, user_now)


def _note(visitor: Visitor | None, user: User, principal: Principal) -> None:
    """Log the user and what the token allows: a client may see nothing because its token allows
    nothing."""
    if visitor is not None:
        visitor.user_id = user.pk
    members = {
        "login": user.login,
        "actions": _shown_permissions(principal.permissions),
        "networks": _shown(principal.networks),
        "devicetypes": _shown(principal.device_types),
    }
    logger.info("authenticated", extra=beside(visitor, **members))


def _shown_permissions(permissions: frozenset[Permission]) -> str:
    if permissions == ALL:
        return Permission.ANY.wire_name
    if permissions == CLIENT:
        return "client"
    return ",".join(sorted(each.wire_name for each in permissions)) or "none"


def _shown(limit: Limit) -> str:
    if limit.is_everything:
        return ANY_ID
    return ",".join(map(str, sorted(limit.ids or ()))) or "none"
