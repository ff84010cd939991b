"""Commands on the wire (protocol, 4.5)."""

from typing import ClassVar

import msgspec

from devicehive.protocol.bodies import Body, CheckedLater
from devicehive.protocol.columns import Out
from devicehive.protocol.shapes import NULL, Int, Obj, Str, Timestamp
from devicehive.protocol.timestamps import TimestampText


class CommandUpdateBody(Body):
    published: ClassVar = "CommandUpdate"

    status: Str | None = None
    result: Obj = NULL


class CommandBody(CommandUpdateBody):
    published: ClassVar = "NewCommand"

    command: CheckedLater[Str] = None
    timestamp: Timestamp | None = None
    parameters: Obj = NULL
    lifetime: Int | None = None


class CommandOut(Out):
    published: ClassVar = "Command"

    number: int = msgspec.field(name="id")
    command: str
    timestamp: TimestampText
    last_updated: TimestampText
    user_id: int
    device_id: str
    network_id: int | None
    device_type_id: int | None
    parameters: msgspec.Raw | None
    lifetime: int | None
    status: str | None
    result: msgspec.Raw | None


class CommandInserted(Out):
    """The answer to `command/insert`."""

    number: int = msgspec.field(name="id")
    timestamp: TimestampText
    last_updated: TimestampText
    user_id: int
