"""The one way a request takes (protocol, 1.5 and 1.6).

    text -> envelope -> action -> permission -> target -> params -> handler -> answer

Nothing here knows a socket: the consumer, a test and any other transport call `read`, and then
`Request.execute`.
"""

import logging
from typing import Any

import msgspec

from devicehive.protocol.actions import Action, Caller, Envelope, registry
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devicehive.protocol.shapes import NULL, decode_member

logger = logging.getLogger(__name__)

MALFORMED = '{"status":"error","code":400,"error":"Malformed Json received."}'
"""The answer to what is no JSON object; it has nothing to echo."""


class Echo(msgspec.Struct, rename="camel"):
    """The part of an envelope that is repeated, whatever its type and that of the ids."""

    action: msgspec.Raw = NULL
    request_id: msgspec.Raw = NULL


class Request:
    """One message: what it asks for, and the shape of its answer."""

    __slots__ = ("envelope", "ill_typed", "text")

    def __init__(
        self, text: str, envelope: Envelope, *, ill_typed: msgspec.Raw | None = None
    ) -> None:
        """`ill_typed` is the action as it was sent, if it or an id has the wrong type."""
        self.text = text
        self.envelope = envelope
        self.ill_typed = ill_typed

    @property
    def action(self) -> Action:
        """The action asked for: steps G2 and G3. Raises Refused."""
        if self.ill_typed is not None:
            raise _wrong_type(self.ill_typed)
        found = registry.get(self.envelope.action or "")
        if found is None:
            raise _unknown(self.envelope.action)
        return found

    def execute(self, caller: Caller) -> str:
        """Do what is asked and return the answer. Whatever happens, there is one (R-06)."""
        try:
            action = self.action
            result = action.prepare(caller, self)
            if action.commit is not None:
                (result,) = action.commit([result])
            return self.answer(result)
        except Refused as refused:
            return self.refuse(refused)
        except Exception:
            return self.fail()

    def answer(self, result: Any) -> str:
        """The answer for what a handler or a commit has returned."""
        if isinstance(result, Refused):
            return self.refuse(result)
        action = self.action
        request_id = bytes(self.envelope.request_id).decode()
        head = f'{action.answer_head}{request_id},"status":"success"'
        if action.returns is not None:
            result = {action.returns: result}
        if result is None:
            return head + "}"
        return f"{head},{msgspec.json.encode(result).decode()[1:]}"

    def refuse(self, refused: Refused) -> str:
        answer = {
            "action": self.envelope.action if self.ill_typed is None else self.ill_typed,
            "requestId": self.envelope.request_id,
            "status": "error",
            "code": refused.code,
            "error": refused.text,
        }
        return msgspec.json.encode(answer).decode()

    def fail(self) -> str:
        """Log the exception being handled and answer 500."""
        logger.exception("the action %r failed", self.envelope.action)
        return self.refuse(ProtocolRefusal.INTERNAL())


def _wrong_type(action: msgspec.Raw) -> Refused:
    """Why a frame with this action and something of the wrong type is refused (G2, G3)."""
    text = bytes(action)
    if text.startswith((b"{", b"[")) or text == b"null":
        return ProtocolRefusal.ACTION_MISSING()
    if not text.startswith(b'"'):
        return ProtocolRefusal.ILLEGAL_ARGUMENT(text.decode())
    name = msgspec.json.decode(text, type=str)
    return ProtocolRefusal.MALFORMED() if name in registry else _unknown(name)


def _unknown(action: str | None) -> Refused:
    return ProtocolRefusal.ILLEGAL_ARGUMENT(action) if action else ProtocolRefusal.ACTION_MISSING()


_decode_envelope = msgspec.json.Decoder(Envelope, dec_hook=decode_member).decode
_decode_echo = msgspec.json.Decoder(Echo).decode


def read(text: str) -> Request | None:
    """Step G1. None when `text` is not a JSON object: answer MALFORMED."""
    try:
        return Request(text, _decode_envelope(text))
    except msgspec.ValidationError:
        pass  # A member of the wrong type, or no object, or either and broken further on.
    except (msgspec.DecodeError, RecursionError):
        return None
    try:
        echo = _decode_echo(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return Request(text, Envelope(request_id=echo.request_id), ill_typed=echo.action)
