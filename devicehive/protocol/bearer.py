"""Bearer tokens of REST: who a token stands for is cached for a second (REST 1.4, with R-45)."""

import asyncio
from time import monotonic

from django.conf import settings

from devicehive.protocol import calls
from devicehive.protocol.actions import Caller
from devicehive.protocol.calls import Request
from devicehive.protocol.pace import Pace
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devicehive.protocol.routes import Call

FRESH_SECONDS = 1.0
"""How long a token still works after another process has withdrawn its user's rights (R-45)."""
MOST_KEPT = 10_000
"""The number of cached tokens; they take some 5 MB if a log-in made them."""

AUTHENTICATE = Call(
    "rest/authenticate",
    texts={ProtocolRefusal.INVALID_CREDENTIALS: ProtocolRefusal.UNAUTHORIZED},
)
"""The call that verifies a bearer token."""

_kept: dict[str, tuple[float, asyncio.Task[Principal]]] = {}
"""By token, the oldest first: when the entry expires, and the task that finds the principal. All
requests with the token wait for the same task."""

_paces: dict[str, Pace] = {}
"""By token, the least recently used first: that one is dropped first, as its bucket has long been
full again."""


async def find_principal(token: str) -> Principal:
    """The principal of an access token, looked up at most FRESH_SECONDS ago. Raises Refused."""
    until, verified = _kept.get(token, (0.0, None))
    if verified is None or until <= monotonic():
        _kept.pop(token, None)
        verified = asyncio.create_task(_verify(token))
        _keep(token, verified)
    try:
        return verified.result() if verified.done() else await asyncio.shield(verified)
    except BaseException:  # A failed or cancelled task must not answer the next request.
        _kept.pop(token, None)
        raise


def check_pace(token: str) -> None:
    """Count a request with a valid token. Raises Refused above MESSAGES_PER_SECOND."""
    if settings.MESSAGES_PER_SECOND:
        pace = _paces.pop(token, None) or Pace(settings.MESSAGES_PER_SECOND)
        if len(_paces) >= MOST_KEPT:
            del _paces[next(iter(_paces))]
        _paces[token] = pace
        if refused := pace.refusal():
            raise refused


def forget() -> None:
    """Drop all cached principals, because a user has changed. Any thread may call this."""
    _kept.clear()


def _keep(token: str, verified: "asyncio.Task[Principal]") -> None:
    while len(_kept) >= MOST_KEPT:
        _kept.pop(next(iter(_kept)))
    _kept[token] = monotonic() + FRESH_SECONDS, verified


async def _verify(token: str) -> Principal:
    caller = Caller()
    try:
        await calls.perform(caller, Request.of(AUTHENTICATE.action, {"token": token}))
    except Refused as refused:
        raise AUTHENTICATE.word(refused) from None
    return caller.identity
