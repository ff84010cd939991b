"""Reads and writes the frames of the WebSocket protocol (protocol, 1.5)."""

from collections.abc import Awaitable
from functools import lru_cache
from time import monotonic
from typing import Any

import msgspec

from devicehive.events.event import Event
from devicehive.log.outcomes import note_refusal
from devicehive.metrics import note_answer
from devicehive.protocol.actions import Envelope, registry
from devicehive.protocol.calls import Request, decode_envelope
from devicehive.protocol.failures import refuse_failure
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devicehive.protocol.shapes import NULL


class Echo(msgspec.Struct, rename="camel"):
    """The members that an answer repeats; they are read even if other members have wrong types."""

    action: msgspec.Raw = NULL
    request_id: msgspec.Raw = NULL


class Unreadable(Exception):  # noqa: N818  # what a client sent, no error of ours
    """A frame that is no request for a known action, with the answer to send."""

    def __init__(self, answer: str, refused: Refused) -> None:
        super().__init__(answer)
        self.answer = answer
        self.refused = refused


async def answer(request: Request, outcome: Awaitable[Any]) -> str:
    """Await the outcome of a request and write its answer; every exception has one (R-06)."""
    try:
        text = _succeed(request, await outcome)
    except Refused as refused:
        return refusal(request, refused)
    except Exception as error:
        failure = refuse_failure(error, **_about(request))
        _note(request, failure.code)
        return _refuse(request.envelope, failure)
    _note(request, 200)
    return text


def read(text: str) -> Request:
    """Read a frame: steps G1 to G3. Raises Unreadable."""
    try:
        envelope = decode_envelope(text)
    except msgspec.ValidationError:
        # A member has a wrong type, or this is not an object, or the JSON is broken further on.
        raise _ill_typed(text) from None
    except (msgspec.DecodeError, RecursionError):
        raise _malformed() from None
    action = registry.get(envelope.action or "")
    if action is None:
        unknown = _unknown(envelope.action)
        raise Unreadable(_refuse(envelope, unknown), unknown)
    return Request(action, envelope, text)


def refusal(request: Request, refused: Refused) -> str:
    """Log a refused request and write its answer."""
    note_refusal(refused, **_about(request))
    _note(request, refused.code)
    return _refuse(request.envelope, refused)


@lru_cache(maxsize=1)  # All subscriptions get an event in the same iteration of the event loop.
def push_head(event: Event) -> bytes:
    """The part of an event's frame that is equal for all subscriptions. It is one object, so that
    it is in memory once, however many clients have yet to read it."""
    return b'{"action":"%b","%b":%b,"subscriptionId":' % (
        event.action.encode(),
        event.member.encode(),
        bytes(event.body),
    )


def push_tail(subscription_id: int) -> bytes:
    """The rest of an event's frame, which differs for each subscription."""
    return b"%d}" % subscription_id


def _succeed(request: Request, result: Any) -> str:
    action = request.action
    request_id = bytes(request.envelope.request_id).decode()
    head = f'{{"action":"{action.name}","requestId":{request_id},"status":"success"'
    if action.shape is not None:
        result = action.shape(result)
    if action.returns is not None:
        result = {action.returns: result}
    if result is None:
        return head + "}"
    return f"{head},{msgspec.json.encode(result).decode()[1:]}"


_decode_echo = msgspec.json.Decoder(Echo).decode


def _malformed() -> Unreadable:
    """The error for a text that is not a JSON object, and so has no members to repeat."""
    refused = ProtocolRefusal.MALFORMED()
    return Unreadable(msgspec.json.encode(_error(refused)).decode(), refused)


def _ill_typed(text: str) -> Unreadable:
    try:
        echo = _decode_echo(text)
    except (msgspec.DecodeError, RecursionError):
        return _malformed()
    refused = _wrong_type(bytes(echo.action))
    return Unreadable(_refuse(echo, refused), refused)


def _wrong_type(action: bytes) -> Refused:
    """The refusal of a frame with this `action`, in which some member has a wrong type (G2, G3)."""
    if action.startswith((b"{", b"[")) or action == b"null":
        return ProtocolRefusal.ACTION_MISSING()
    if not action.startswith(b'"'):
        return ProtocolRefusal.ILLEGAL_ARGUMENT(action.decode())
    name = msgspec.json.decode(action, type=str)
    return ProtocolRefusal.MALFORMED() if name in registry else _unknown(name)


def _unknown(action: str | None) -> Refused:
    return ProtocolRefusal.ILLEGAL_ARGUMENT(action) if action else ProtocolRefusal.ACTION_MISSING()


def _about(request: Request) -> dict[str, object]:
    """The members that identify a request in the log; nothing else of it is logged."""
    envelope = request.envelope
    request_id = bytes(envelope.request_id).decode()
    return {
        "action": request.action.name,
        "request": None if request_id == "null" else request_id,
        "device": envelope.device_id,
    }


def _note(request: Request, code: int) -> None:
    note_answer(request.action.name, code, monotonic() - request.read_at)


def _refuse(frame: Envelope | Echo, refused: Refused) -> str:
    echo = {"action": frame.action, "requestId": frame.request_id}
    return msgspec.json.encode(echo | _error(refused)).decode()


def _error(refused: Refused) -> dict[str, object]:
    error = {"status": "error", "code": refused.code, "error": refused.text}
    return error if refused.retry_after is None else error | {"retryAfter": refused.retry_after}
