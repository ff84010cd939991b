"""Commands on the wire (protocol, 4.5)."""

from datetime import datetime
from typing import NamedTuple, Self

import msgspec

from devicehive.protocol.bodies import Body, CheckedLater
from devicehive.protocol.shapes import NULL, Int, Obj, Str, Timestamp
from devicehive.protocol.timestamps import TimestampText, timestamp_text
from devices.models import Command
from devices.schemas.columns import raw


class CommandUpdateBody(Body):
    status: Str | None = None
    result: Obj = NULL


class CommandBody(CommandUpdateBody):
    command: CheckedLater[Str] = None
    timestamp: Timestamp | None = None
    parameters: Obj = NULL
    lifetime: Int | None = None


class CommandOut(msgspec.Struct, rename="camel"):
    id: int
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

    @classmethod
    def of(cls, command: Command) -> Self:
        return cls(
            command.number,
            command.command,
            timestamp_text(command.timestamp),
            timestamp_text(command.last_updated),
            command.user_id,
            command.device_id,
            command.network_id,
            command.device_type_id,
            raw(command.parameters),
            command.lifetime,
            command.status,
            raw(command.result),
        )


class StoredCommand(NamedTuple):
    """A command, with what is stored of it and not shown."""

    out: CommandOut
    generation: int
    inserted_at: datetime
    inserted_by: int | None
    updates: int = 0

    @classmethod
    def of(cls, command: Command) -> Self:
        return cls(
            CommandOut.of(command),
            command.generation,
            command.inserted_at,
            command.inserted_by,
            command.updates,
        )


class CommandInserted(msgspec.Struct, rename="camel"):
    """The answer to `command/insert`."""

    id: int
    timestamp: TimestampText
    last_updated: TimestampText
    user_id: int
