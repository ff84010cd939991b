"""Polls, which REST has instead of subscriptions (REST 3.1 to 3.5)."""

from typing import Annotated

import msgspec
from msgspec import Meta

from devicehive.protocol.actions import action, rest_registry
from devicehive.protocol.attendance import attendance
from devicehive.protocol.bodies import Needed, Params
from devicehive.protocol.connections import Connection
from devicehive.protocol.permissions import Permission
from devicehive.protocol.polls import Polled
from devicehive.protocol.refusals import Refusal, all_of
from devicehive.protocol.shapes import Bool, Int, Long, Str
from devicehive.protocol.timestamps import now
from devices.handlers import gate
from devices.handlers.listening import (
    SUBSCRIBE_ERRORS,
    Subscribe,
    is_of_device,
    keep,
    requested_by,
)
from devices.refusals import CommandRefusal, DeviceRefusal, PollRefusal
from devices.schemas.command import CommandOut
from devices.schemas.notification import NotificationOut
from devices.services import polls
from devices.services.stored_messages import (
    COMMANDS,
    NOTIFICATIONS,
    UPDATED_COMMANDS,
    StoredMessages,
)

DEFAULT_WAIT, MOST_WAIT = 30, 60
"""Seconds."""
LEAST_WAIT = 0.2
"""The least seconds that a poll waits: DeviceHive's Python client polls with 0 in a tight loop."""
MOST_FOUND = 100

WAIT_ERRORS = (PollRefusal.TIMEOUT_NEGATIVE, PollRefusal.TIMEOUT_TOO_LONG)
POLL_ERRORS = (*WAIT_ERRORS, PollRefusal.LIMIT_NEGATIVE, *SUBSCRIBE_ERRORS)


WaitTimeout = Annotated[
    Int,
    Meta(extra_json_schema={"minimum": 0, "maximum": MOST_WAIT, "default": DEFAULT_WAIT}),
]
"""Seconds."""


class PollNotifications(Subscribe):
    wait_timeout: WaitTimeout | None = None
    limit: (
        Annotated[
            Int,
            Meta(
                extra_json_schema={
                    "minimum": 0,
                    "default": MOST_FOUND,
                    "description": "of what was stored before; 0 is all",
                }
            ),
        ]
        | None
    ) = None


class PollCommands(PollNotifications):
    return_updated_commands: Bool | None = None


@action(
    "rest/command/poll",
    needs=Permission.GET_DEVICE_COMMAND,
    standing=gate.renew,
    returns="commands",
    answer=list[CommandOut],
    errors=POLL_ERRORS,
    into=rest_registry,
)
def poll_commands(connection: Connection, params: PollCommands) -> Polled[msgspec.Raw]:
    """Commands stored since `timestamp`, or, if there are none, the next one that is stored: new
    commands, or with `returnUpdatedCommands` updated ones."""
    updated = params.return_updated_commands
    polled = _poll(connection, params, UPDATED_COMMANDS if updated else COMMANDS)
    if is_of_device(connection, params, updated=updated):
        # The device was heard from, but is not connected: it is away between two polls.
        attendance.hear(str(params.device_id), connection)
    return polled


@action(
    "rest/notification/poll",
    needs=Permission.GET_DEVICE_NOTIFICATION,
    standing=gate.renew,
    returns="notifications",
    answer=list[NotificationOut],
    errors=POLL_ERRORS,
    into=rest_registry,
)
def poll_notifications(connection: Connection, params: PollNotifications) -> Polled[msgspec.Raw]:
    """Notifications stored since `timestamp`, or, if there are none, the next one."""
    return _poll(connection, params, NOTIFICATIONS)


def _poll(
    connection: Connection, params: PollNotifications, messages: StoredMessages
) -> Polled[msgspec.Raw]:
    seconds = DEFAULT_WAIT if params.wait_timeout is None else params.wait_timeout
    limit = MOST_FOUND if params.limit is None else params.limit
    faults = _wait_faults(seconds)
    if limit < 0:
        faults.append(PollRefusal.LIMIT_NEGATIVE)
    _check(faults)
    since = now() if params.timestamp is None else params.timestamp
    opened = polls.poll(
        connection.identity,
        requested_by(params, kind=messages.kind, since=since),
        connection.listener,
        messages=messages,
        limit=limit,
    )
    if opened is None:
        return Polled([])
    keep(connection, opened.subscription, known=opened.known)
    if opened.found:
        return Polled([event.body for event in opened.found])
    return Polled(None, max(seconds, LEAST_WAIT))


class Wait(Params):
    device_id: Needed[Str, DeviceRefusal.ID_REQUIRED]
    command_id: Needed[Long, CommandRefusal.ID_REQUIRED]
    wait_timeout: WaitTimeout | None = None


@action(
    "rest/command/wait",
    needs=Permission.GET_DEVICE_COMMAND,
    standing=gate.renew,
    target=gate.device,
    returns="command",
    answer=CommandOut,
    errors=(*WAIT_ERRORS, DeviceRefusal.NOT_FOUND),
    into=rest_registry,
)
def wait(connection: Connection, params: Wait) -> Polled[CommandOut]:
    """The command once it is updated; nothing if there is no such command."""
    seconds = DEFAULT_WAIT if params.wait_timeout is None else params.wait_timeout
    _check(_wait_faults(seconds))
    subscription, command = polls.wait_for_update(
        connection.identity, params.device_id, params.command_id, connection.listener
    )
    keep(connection, subscription)
    if command is None:
        return Polled([])
    return Polled([CommandOut.of(command)] if command.updates else None, seconds)


def _wait_faults(seconds: int) -> list[Refusal]:
    if seconds < 0:
        return [PollRefusal.TIMEOUT_NEGATIVE]
    return [PollRefusal.TIMEOUT_TOO_LONG] if seconds > MOST_WAIT else []


def _check(faults: list[Refusal]) -> None:
    """Raises Refused with the texts of all faults, joined."""
    if faults:
        raise all_of(faults)
