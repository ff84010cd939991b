"""Performs requests, in the same way for every transport (protocol, 1.5 and 1.6).

    request -> permission -> target -> params -> handler -> result

Nothing here knows a socket or writes an answer. A transport makes a `Request`, awaits `perform`,
and turns its result or exception into an answer.
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
"""Decodes the envelope of a JSON text. Raises msgspec.ValidationError for a member of a wrong type,
and msgspec.DecodeError or RecursionError for a text that is not a JSON object."""


class Request:
    """A request for an action, with its members as the text of one JSON object."""

    __slots__ = ("action", "envelope", "read_at", "text")

    def __init__(self, action: Action, envelope: Envelope, text: str) -> None:
        self.action = action
        self.envelope = envelope
        self.text = text
        self.read_at = monotonic()

    @classmethod
    def of(cls, action: Action, members: Mapping[str, object]) -> Self:
        """Make a request from its members, for transports without frames.

        The keys are the names on the wire; a `msgspec.Raw` value is JSON already. Raises Refused if
        it is not UTF-8, or if an id has the wrong type.
        """
        try:
            text = msgspec.json.encode(members).decode()
            return cls(action, decode_envelope(text), text)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise ProtocolRefusal.MALFORMED() from None

    def check_permission(self, caller: Caller) -> None:
        """Do steps 1 and 2 of the gate (3.1). Raises Refused."""
        if self.action.needs:
            require(caller.identity, self.action.needs)

    def check_gate(self, caller: Caller) -> None:
        """Do the whole gate (3.1), which queries the database for some targets. Raises Refused."""
        self.check_permission(caller)
        if self.action.standing is not None:
            principal = caller.identity
            caller.renew(principal, self.action.standing(principal))
        if self.action.target is not None:
            self.action.target(caller.identity, self.envelope)

    def handle(self, caller: Caller) -> Any:
        """Decode the members and call the handler with them. Raises Refused."""
        try:
            params = self.action.decode(self.text)
        except (msgspec.ValidationError, RecursionError):
            raise ProtocolRefusal.MALFORMED() from None
        return self.action.handler(caller, params)

    def execute(self, caller: Caller) -> Any:
        """Pass the gate and call the handler, in the current thread. Not for actions in batches."""
        self.check_gate(caller)
        return _act(caller, partial(self.handle, caller))

    async def await_handler(self, caller: Caller) -> Any:
        """Pass the gate in a thread and await a handler that is a coroutine."""
        if self.action.needs:
            await database.run_request(Runs.DATABASE, self.check_gate, caller)
        return await self.handle(caller)


async def call_for(caller: Caller, function: Callable[[], T]) -> T:
    """Call a service on behalf of a caller, in a thread for the database. For handlers that are
    coroutines."""
    return await database.run_request(Runs.DATABASE, _act, caller, function)


def _act(caller: Caller, function: Callable[[], T]) -> T:
    token = ACTOR.set(caller.principal)
    try:
        return function()
    finally:
        ACTOR.reset(token)


async def perform(caller: Caller, request: Request) -> Any:
    """Perform a request inline, in a thread or in a batch, and return its result.

    Raises Refused. Any other exception is a bug in the handler, which the transport has to log and
    to answer with 500.
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
    """The lane in which requests for lists from one address wait for each other. A caller without a
    known address has none and does not wait."""
    return address_at(caller.address).lane.enter() if caller.address else nullcontext()


def submit(caller: Caller, request: Request, batch: Batch) -> asyncio.Future[Any]:
    """Put a request into a batch, for a transport that goes on before the request is done.

    The requests of one caller take effect in the order in which they are submitted. This never
    raises: an error becomes the exception of the future. Only `finish` may await the future,
    because its result may be an `Unread`.

    The target is not checked here: `batch` checks the targets of all its requests at once.
    """
    try:
        request.check_permission(caller)
        item = request.handle(caller)
    except Exception as error:  # The future raises it, like an error in the batch.
        return asyncio.ensure_future(_fail(caller, request, error))
    queue = database.batch_queue(batch, writes=request.action.commit is not None)
    return queue.submit(item, len(request.text))


async def finish(caller: Caller, request: Request, submitted: asyncio.Future[Any]) -> Any:
    """Await the result of a request that was submitted, just before it is answered. Raises the same
    as `perform`."""
    result = await submitted
    if isinstance(result, Unread):
        result = await database.run_request(Runs.DATABASE, result.read)
    if request.action.of_devices and request.envelope.device_id is not None:
        caller.act_for(request.envelope.device_id)
    return result


async def _fail(caller: Caller, request: Request, error: Exception) -> Any:
    """Raise `error`; if it is a refusal, check the gate first and raise the gate's refusal instead.

    A refusal may reveal a target that the caller must not know of.
    """
    if isinstance(error, Refused) and request.action.target is not None:
        await database.run_request(Runs.DATABASE, request.check_gate, caller)
    raise error
