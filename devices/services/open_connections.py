"""Update the open connections of users whose access has changed, so that they may do and see what
their user may now (R-40, R-45)."""

import asyncio
from collections.abc import Iterable, Iterator
from functools import cached_property

from django.db import Error

from devicehive.events.event import PROCESS, Event
from devicehive.events.fanout import Fanout
from devicehive.events.subscriptions import Subscription
from devicehive.orm.compiled import many
from devicehive.orm.failures import note_failure
from devicehive.protocol import bearer
from devicehive.protocol.actions import Runs
from devicehive.protocol.connections import Connection
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refusal
from devicehive.protocol.sessions import sessions
from devicehive.serving import database
from devices.models import IssuedToken, User
from devices.services import standing
from devices.services.audiences import Audience, Places, places_of_client
from devices.services.login_failures import login_failures

ASK_AGAIN_SECONDS = 1
"""How long to wait before asking the database again after it was away."""

_running: dict[int, asyncio.Task[None]] = {}
"""By user id, the task that updates the connections of the user."""
_due: set[int] = set()
"""Users whose access has changed since their connections were last updated."""


def follow_access_change(event: Event) -> None:
    """Update the connections of a user whose access another process has changed. Called on the
    event loop; for changes of this process, `access_changes` does it."""
    if event.origin != PROCESS:
        _refresh_soon(int(event.name))


def refresh_later(user_id: int) -> None:
    """Update a user's connections when the database is back. Called in a thread."""
    if Fanout.running is not None:
        Fanout.running.loop.call_soon_threadsafe(_refresh_soon, user_id)


def _refresh_soon(user_id: int) -> None:
    _outdate(user_id)
    if not sessions.of(user_id):
        return
    _due.add(user_id)
    if user_id not in _running:
        _running[user_id] = asyncio.get_running_loop().create_task(_refresh_until_current(user_id))


def _outdate(user_id: int) -> None:
    """Make sure that nothing which was read before about a user is still used."""
    sessions.note_change()
    bearer.forget()
    login_failures.forget(user_id)


async def _refresh_until_current(user_id: int) -> None:
    """Update until nothing has changed meanwhile: what was read may be older than a change."""
    try:
        while user_id in _due:
            _due.discard(user_id)
            try:
                await database.run(Runs.DATABASE, refresh, user_id)
            except Error as error:
                note_failure(error, f"the access of user {user_id} is not looked up yet")
                _due.add(user_id)
                await asyncio.sleep(ASK_AGAIN_SECONDS)
    finally:
        del _running[user_id]


class UserNow:
    """What the database says of a user, read once for all its connections and subscriptions."""

    def __init__(self, user_id: int, connections: Iterable[Connection]) -> None:
        self.user_id = user_id
        self.user = User.objects.filter(pk=user_id).first()
        ids = {
            id_ for each in connections for principal in _acting(each) for id_ in _ids(principal)
        }
        revoked = IssuedToken.objects.filter(jti__among=many(ids), revoked_at__isnull=False)
        self.revoked = frozenset(revoked.values_list("jti", flat=True)) if ids else frozenset()

    def is_of(self, principal: Principal | None) -> bool:
        return principal is not None and principal.user_id == self.user_id

    def judge(self, principal: Principal) -> Principal | Refusal:
        if principal.claims is None:
            return standing.judge_known(principal, self.user)
        claims = principal.claims
        is_revoked = not self.revoked.isdisjoint(claims.ids)
        return standing.judge(self.user, claims, is_revoked=is_revoked)

    def places_for(self, principal: Principal) -> Places:
        return Places() if principal.is_admin else self._places

    @cached_property
    def _places(self) -> Places:
        return places_of_client(self.user)


def _acting(connection: Connection) -> Iterator[Principal]:
    """The principals for which a connection acts or listens."""
    if connection.principal is not None:
        yield connection.principal
    for subscription in list(connection.subscriptions.values()):
        yield subscription.principal


def _ids(principal: Principal) -> tuple[str, ...]:
    return principal.claims.ids if principal.claims else ()


def refresh(user_id: int) -> None:
    """Let the connections of a user do and see what the user may now. Called in a database
    thread."""
    _outdate(user_id)
    connections = sessions.of(user_id)
    if connections:
        user_now = UserNow(user_id, connections)
        for connection in connections:
            refresh_connection(connection, user_now)


def refresh_connection(connection: Connection, user_now: UserNow) -> None:
    principal = connection.principal
    if principal is not None and user_now.is_of(principal):
        now = user_now.judge(principal)
        if isinstance(now, Refusal):
            connection.withdraw(principal, now)
        else:
            connection.renew(principal, now)
    for subscription in list(connection.subscriptions.values()):
        if user_now.is_of(subscription.principal):
            refresh_subscription(connection, subscription, user_now)


def refresh_subscription(
    connection: Connection, subscription: Subscription, user_now: UserNow
) -> None:
    """Let a subscription get what its principal can see now: nothing, if the principal has lost its
    rights, unless the connection has authenticated as the same user since (R-45)."""
    now = user_now.judge(subscription.principal)
    if isinstance(now, Refusal):
        now = _successor(connection, subscription, user_now)
    if isinstance(now, Refusal):
        connection.limit(subscription, None)
        return
    subscription.principal = now
    limits = Audience.of(now, subscription.requested, user_now.places_for(now)).limits
    if subscription.requested.device_id is not None:
        limits = (subscription.topics, *limits)
    connection.limit(subscription, limits)


def refresh_opened(connection: Connection, subscription: Subscription) -> None:
    """Update a subscription that was opened while its user's access changed."""
    user_now = UserNow(subscription.principal.user_id, [connection])
    refresh_subscription(connection, subscription, user_now)


def _successor(
    connection: Connection, subscription: Subscription, user_now: UserNow
) -> Principal | Refusal:
    """The principal of the connection, if the subscription can continue under it."""
    principal = connection.principal
    if principal is None or not user_now.is_of(principal):
        return ProtocolRefusal.UNAUTHORIZED
    if subscription.needs not in principal.permissions:
        return ProtocolRefusal.ACCESS_DENIED
    return user_now.judge(principal)
