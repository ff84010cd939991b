"""Bearer tokens: a look at the user is good for a second (REST 1.4, with R-45)."""

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
"""How long a user may go on after another process took its power away (R-45)."""
MOST_KEPT = 10_000
"""Tokens; some 5 MB of those that a log-in makes."""

AUTHENTICATE = Call(
    "rest/authenticate",
    texts={ProtocolRefusal.INVALID_CREDENTIALS: ProtocolRefusal.UNAUTHORIZED},
)
"""What a bearer token means."""

_kept: dict[str, tuple[float, asyncio.Task[Principal]]] = {}
"""By token, the oldest first: until when, and whose it is. Requests that come while it is found
out wait for the same answer."""

_paces: dict[str, Pace] = {}
"""By token, the one that was used last at the end: the first has long been full again."""


async def find_principal(token: str) -> Principal:
    """The principal of an access token, as it was a second ago at most. Raises Refused."""
    until, verified = _kept.get(token, (0.0, None))
    if verified is None or until <= monotonic():
        _kept.pop(token, None)
        verified = asyncio.create_task(_verify(token))
        _keep(token, verified)
    try:
        return verified.result() if verified.done() else await asyncio.shield(verified)
    except BaseException:  # Cancelled, it would have no answer for the next.
        _kept.pop(token, None)
        raise


def check_pace(token: str) -> None:
    """Raises Refused when more than MESSAGES_PER_SECOND were asked for with a valid token."""
    if settings.MESSAGES_PER_SECOND:
        pace = _paces.pop(token, None) or Pace(settings.MESSAGES_PER_SECOND)
        if len(_paces) >= MOST_KEPT:
            del _paces[next(iter(_paces))]
        _paces[token] = pace
        if refused := pace.refusal():
            raise refused


def forget() -> None:
    """Look at every user anew: one has changed. May be called in any thread."""
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
