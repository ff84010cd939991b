"""The one way a request takes, whichever transport has brought it (protocol, 1.5 and 1.6).

    request -> permission -> target -> params -> handler -> result

Nothing here knows a socket or writes an answer. A transport makes a `Request`, awaits `perform`,
and shapes what it returns or raises.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from time import monotonic
from typing import Any, Self, TypeVar

import msgspec

from devicehive.protocol.actions import Action, Batch, Caller, Envelope, Runs, Unread
from devicehive.protocol.actor import ACTOR
from devicehive.protocol.permissions import require
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devicehive.protocol.shapes import decode_member
from devicehive.serving import database
from devicehive.serving.addresses import address_at

T = TypeVar("T")

decode_envelope = msgspec.json.Decoder(Envelope, dec_hook=decode_member).decode
"""Reads the envelope of a JSON text. Raises msgspec.ValidationError for a member of a wrong type
and msgspec.DecodeError or RecursionError for what is no JSON object."""


class Request:
    """An action asked for, with its members as the text of one JSON object."""

    __slots__ = ("action", "envelope", "read_at", "text")

    def __init__(self, action: Action, envelope: Envelope, text: str) -> None:
        self.action = action
        self.envelope = envelope
        self.text = text
        self.read_at = monotonic()

    @classmethod
    def of(cls, action: Action, members: Mapping[str, object]) -> Self:
        """A request from its members by their names on the wire, for transports without frames.

        A member that is `msgspec.Raw` is taken as the JSON text it is. Raises Refused if that is
        no UTF-8, or if an id has the wrong type.
        """
        try:
            text = msgspec.json.encode(members).decode()
            return cls(action, decode_envelope(text), text)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise ProtocolRefusal.MALFORMED() from None

    def check_permission(self, caller: Caller) -> None:
        """Steps 1 and 2 of the gate (3.1). Raises Refused."""
        if self.action.needs:
            require(caller.identity, self.action.needs)

    def check_gate(self, caller: Caller) -> None:
        """The whole gate (3.1), which for some targets asks the database. Raises Refused."""
        self.check_permission(caller)
        if self.action.standing is not None:
            principal = caller.identity
            caller.renew(principal, self.action.standing(principal))
        if self.action.target is not None:
            self.action.target(caller.identity, self.envelope)

    def handle(self, caller: Caller) -> Any:
        """What the handler makes of the typed members. Raises Refused."""
        try:
            params = self.action.decode(self.text)
        except (msgspec.ValidationError, RecursionError):
            raise ProtocolRefusal.MALFORMED() from None
        return self.action.handler(caller, params)

    def execute(self, caller: Caller) -> Any:
        """The result of an action without a batch, in the thread that it `runs` in."""
        self.check_gate(caller)
        return _act(caller, partial(self.handle, caller))

    async def await_handler(self, caller: Caller) -> Any:
        """The result of an action whose handler is a coroutine."""
        if self.action.needs:
            await database.run_request(Runs.DATABASE, self.check_gate, caller)
        return await self.handle(caller)


async def call_for(caller: Caller, function: Callable[[], T]) -> T:
    """Call a service on behalf of a caller, in a thread for the database: what handlers do that are
    coroutines."""
    return await database.run_request(Runs.DATABASE, _act, caller, function)


def _act(caller: Caller, function: Callable[[], T]) -> T:
    token = ACTOR.set(caller.principal)
    try:
        return function()
    finally:
        ACTOR.reset(token)


async def perform(caller: Caller, request: Request) -> Any:
    """Do what is asked, inline, in a thread or in a batch, and return the result.

    Raises Refused, or whatever a handler failed with: that is a bug, to be logged by the transport
    and answered with 500.
    """
    action = request.action
    if action.batch is not None:
        return await finish(caller, request, submit(caller, request, action.batch))
    if action.runs is Runs.INLINE:
        return request.execute(caller)
    if action.runs is Runs.AWAITED:
        return await request.await_handler(caller)
    async with lane_of(caller) if action.lists else nullcontext():
        return await database.run_request(action.runs, request.execute, caller)


def lane_of(caller: Caller) -> AbstractAsyncContextManager[None]:
    """For what takes long; who is not known to be somewhere waits for nobody."""
    return address_at(caller.address).lane.enter() if caller.address else nullcontext()


def submit(caller: Caller, request: Request, batch: Batch) -> asyncio.Future[Any]:
    """The batched way of `perform`, for a transport that starts the next call before this is done.

    The calls of one caller take effect in the order in which they are submitted. Never raises:
    what goes wrong is an exception of the future, which is awaited by `finish` only: its result may
    be one that has yet to be read.

    The target is not looked at, for `batch` looks at those of all at once.
    """
    try:
        request.check_permission(caller)
        item = request.handle(caller)
    except Exception as error:  # Told to whoever awaits it, as an error of the batch is.
        return asyncio.ensure_future(_fail(caller, request, error))
    queue = database.batch_queue(batch, writes=request.action.commit is not None)
    return queue.submit(item, len(request.text))


async def finish(caller: Caller, request: Request, submitted: asyncio.Future[Any]) -> Any:
    """The result of what was submitted, when its turn to be answered has come. Raises as `perform`
    does."""
    result = await submitted
    if isinstance(result, Unread):
        result = await database.run_request(Runs.DATABASE, result.read)
    if request.action.of_devices and request.envelope.device_id is not None:
        caller.act_for(request.envelope.device_id)  # It has done what devices do, for this one.
    return result


async def _fail(caller: Caller, request: Request, error: Exception) -> Any:
    """Raise `error`, unless it is a refusal and the gate has another.

    A refusal may name a target that the caller must not know of, so the gate goes first.
    """
    if isinstance(error, Refused) and request.action.target is not None:
        await database.run_request(Runs.DATABASE, request.check_gate, caller)
    raise error
