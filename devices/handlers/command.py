"""command/*: commands that clients send to devices (protocol, 5.5)."""

from typing import Annotated

from msgspec import Meta

from devicehive.protocol.actions import Caller, Runs, action
from devicehive.protocol.bodies import CheckedLater, Needed, Params
from devicehive.protocol.connections import Connection
from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.shapes import Bool, Int, Long, Str
from devices.handlers import gate, listening
from devices.handlers.listening import SUBSCRIBE_ERRORS, Subscribe, Unsubscribe, requested_by
from devices.handlers.paging import MessageListing, message_page
from devices.refusals import CommandRefusal, DeviceRefusal, SubscriptionRefusal
from devices.schemas.command import CommandBody, CommandInserted, CommandOut, CommandUpdateBody
from devices.services import commands, events
from devices.services.commands import CommandInsert, CommandUpdate
from devices.services.message_lists import COMMAND_LISTS
from devices.services.subscriptions import MOST_REPLAYED_COMMANDS


class Insert(Params):
    device_id: Needed[Str, DeviceRefusal.ID_REQUIRED]
    command: CheckedLater[CommandBody] = None


@action(
    "command/insert",
    needs=Permission.CREATE_DEVICE_COMMAND,
    target=gate.device,
    commit=commands.insert_many,
    returns="command",
    answer=CommandInserted,
    shape=CommandInserted.of,
    errors=(DeviceRefusal.NOT_FOUND, DeviceRefusal.BLOCKED, CommandRefusal.REQUIRED),
)
def insert(caller: Caller, params: Insert) -> CommandInsert:
    """Store a command for a device, and push it to all subscribers."""
    body = params.command or CommandBody()
    return CommandInsert(principal=caller.identity, device_id=params.device_id, body=body)


class Update(Params):
    command_id: Needed[Long, CommandRefusal.ID_REQUIRED]
    device_id: Needed[Str, DeviceRefusal.ID_REQUIRED]
    command: CheckedLater[CommandUpdateBody] = None


@action(
    "command/update",
    needs=Permission.UPDATE_DEVICE_COMMAND,
    target=gate.device,
    commit=commands.update_many,
    of_devices=True,
    errors=(
        DeviceRefusal.NOT_FOUND,
        DeviceRefusal.BLOCKED,
        CommandRefusal.NOT_FOUND,
        CommandRefusal.REQUIRED,
    ),
)
def update(caller: Caller, params: Update) -> CommandUpdate:
    """Set the `status` and `result` of a command, where given; nothing else changes."""
    return CommandUpdate(
        principal=caller.identity,
        device_id=params.device_id,
        number=params.command_id,
        body=params.command,
    )


class ById(Params):
    device_id: Needed[Str, DeviceRefusal.ID_REQUIRED]
    command_id: Needed[Long, CommandRefusal.ID_REQUIRED]


@action(
    "command/get",
    needs=Permission.GET_DEVICE_COMMAND,
    target=gate.device,
    returns="command",
    errors=(DeviceRefusal.NOT_FOUND, CommandRefusal.NOT_FOUND),
)
def get(caller: Caller, params: ById) -> CommandOut:
    """One command of a device."""
    return CommandOut.of(commands.get(caller.identity, params.device_id, params.command_id))


class Listing(MessageListing):
    command: Str | None = None
    status: Str | None = None
    sort_field: (
        Annotated[Str, Meta(extra_json_schema={"enum": [*COMMAND_LISTS.sorted_by]})] | None
    ) = None


@action(
    "command/list",
    needs=Permission.GET_DEVICE_COMMAND,
    target=gate.device,
    returns="commands",
    errors=(DeviceRefusal.NOT_FOUND, ProtocolRefusal.INVALID_PARAMETERS),
)
def list_(caller: Caller, params: Listing) -> list[CommandOut]:
    """The commands of a device, by default in the order of their timestamps. `names` takes
    precedence over `command`."""
    stored = commands.of_device(caller.identity, params.device_id, status=params.status)
    found = message_page(stored, COMMAND_LISTS, params, name=params.command)
    return CommandOut.of_all(found)


class SubscribeToCommands(Subscribe):
    return_updated_commands: Bool | None = None
    limit: Int | None = None


@action(
    "command/subscribe",
    needs=Permission.GET_DEVICE_COMMAND,
    target=gate.device,
    returns="subscriptionId",
    errors=(ProtocolRefusal.INVALID_PARAMETERS, *SUBSCRIBE_ERRORS),
)
def subscribe(connection: Connection, params: SubscribeToCommands) -> int:
    """Subscribe to the commands of a device, of networks and types, or of all devices that the
    caller can see: to new commands, or with `returnUpdatedCommands` to updates instead. With a
    `timestamp`, the oldest `limit` commands stored since then come first."""
    if params.limit is not None and params.limit < 0:
        raise ProtocolRefusal.INVALID_PARAMETERS()
    updated = params.return_updated_commands
    id_ = listening.subscribe(
        connection,
        requested_by(params, kind="command", since=params.timestamp),
        action=events.COMMAND_UPDATED if updated else events.COMMAND_INSERTED,
        limit=MOST_REPLAYED_COMMANDS if params.limit is None else params.limit,
    )
    if listening.is_of_device(connection, params, updated=updated):
        connection.act_for(str(params.device_id))
    return id_


@action(
    "command/unsubscribe",
    needs=Permission.GET_DEVICE_COMMAND,
    runs=Runs.INLINE,
    errors=(SubscriptionRefusal.NOT_FOUND,),
)
def unsubscribe(connection: Connection, params: Unsubscribe) -> None:
    """End one subscription to commands, or all of this connection."""
    listening.unsubscribe(connection, params.subscription_id, kind="command")
