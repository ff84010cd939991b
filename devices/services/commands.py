"""Commands to devices (protocol, 5.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.db.models import QuerySet
from django.db.models.functions import Lower

from devicehive.events import fanout
from devicehive.orm.compiled import Insert, execute
from devicehive.orm.transactions import commit_together, judge_each
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devicehive.protocol.timestamps import now, timestamp_text
from devices.models import Command
from devices.refusals import CommandRefusal
from devices.schemas.columns import column_text, raw, text_of
from devices.schemas.command import CommandOut, StoredCommand
from devices.services import devices, events
from devices.services.access import DeviceAccess
from devices.services.notifications import number


class CommandRow(NamedTuple):
    number: int
    device_id: str
    generation: int
    network_id: int | None
    device_type_id: int | None
    timestamp: str
    parameters: str | None
    stored_at: str
    origin: int | None
    command: str
    last_updated: str
    user_id: int
    lifetime: int | None
    status: str | None
    result: str | None
    inserted_at: str
    inserted_by: int | None
    updates: int


IDENTITY = ("device_id", "number")

_INSERT = Insert(Command, CommandRow._fields)
_REPLACE = Insert(Command, CommandRow._fields, replacing=IDENTITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandInsert:
    """A `command/insert` by `principal`."""

    principal: Principal
    device_id: str
    command: str | None
    timestamp: datetime | None = None
    parameters: str | None = None
    lifetime: int | None = None
    status: str | None = None
    result: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandUpdate:
    """A `command/update` by `principal`; None keeps what is stored."""

    principal: Principal
    device_id: str
    number: int
    has_body: bool
    status: str | None = None
    result: str | None = None


def insert_many(requests: Sequence[CommandInsert]) -> list[CommandOut | Refused]:
    """Store commands in one transaction and tell their subscribers; a result for each."""
    return commit_together(_insert, requests)


def _insert(requests: Sequence[CommandInsert]) -> list[CommandOut | Refused]:
    reach = DeviceAccess.of(requests)
    results = judge_each(lambda request: _new(request, reach), requests)
    inserted = [each for each in results if not isinstance(each, Refused)]
    execute(_INSERT.of(_rows(inserted)))
    fanout.publish(map(events.of_command, inserted))
    return [each if isinstance(each, Refused) else each.out for each in results]


def _new(request: CommandInsert, reach: DeviceAccess) -> StoredCommand:
    location = reach.location(request)
    if request.command is None:
        raise CommandRefusal.REQUIRED()
    timestamp = timestamp_text(request.timestamp or now())
    command = CommandOut(
        number(),
        request.command,
        timestamp,
        timestamp,
        request.principal.user_id,
        request.device_id,
        location.network_id,
        location.device_type_id,
        raw(request.parameters),
        request.lifetime,
        request.status,
        raw(request.result),
    )
    return StoredCommand(command, location.generation, now(), fanout.origin())


def update_many(requests: Sequence[CommandUpdate]) -> list[Refused | None]:
    """Update commands in one transaction and tell their subscribers; a result for each."""
    return commit_together(_update, requests)


def _update(requests: Sequence[CommandUpdate]) -> list[Refused | None]:
    reach = DeviceAccess.of(requests)
    stored = _locked(requests)
    updates: list[StoredCommand] = []
    results: list[Refused | None] = []
    for request in requests:
        identity = (request.device_id, request.number)
        try:
            stored[identity] = _updated(request, stored.get(identity), reach)
        except Refused as refused:
            results.append(refused)
        else:
            updates.append(stored[identity])
            results.append(None)
    last = {(each.out.device_id, each.out.id): each for each in updates}
    execute(_REPLACE.of(_rows([last[identity] for identity in sorted(last)])))
    fanout.publish(map(events.of_updated_command, updates))
    return results


def _locked(requests: Sequence[CommandUpdate]) -> dict[tuple[str, int], StoredCommand]:
    wanted = {(request.device_id, request.number) for request in requests}
    commands = (
        Command.objects.select_for_update()
        .filter(device_id__in={device_id for device_id, _ in wanted})
        .filter(number__in={number for _, number in wanted})
        .order_by("device_id", "number")
    )
    return {(each.device_id, each.number): StoredCommand.of(each) for each in commands}


def _updated(
    request: CommandUpdate, current: StoredCommand | None, reach: DeviceAccess
) -> StoredCommand:
    location = reach.location(request)
    if current is None or current.generation != location.generation:
        raise CommandRefusal.NOT_FOUND(request.number)
    if not request.has_body:
        raise CommandRefusal.REQUIRED()
    command = msgspec.structs.replace(
        current.out,
        last_updated=timestamp_text(now()),
        status=current.out.status if request.status is None else request.status,
        result=current.out.result if request.result is None else raw(request.result),
    )
    return current._replace(out=command, updates=current.updates + 1)


def _rows(commands: Sequence[StoredCommand]) -> list[CommandRow]:
    stored_at, origin = column_text(timestamp_text(now())), fanout.origin()
    return [
        CommandRow(
            each.id,
            each.device_id,
            generation,
            each.network_id,
            each.device_type_id,
            column_text(each.timestamp),
            text_of(each.parameters),
            stored_at,
            origin,
            each.command,
            column_text(each.last_updated),
            each.user_id,
            each.lifetime,
            each.status,
            text_of(each.result),
            column_text(timestamp_text(inserted_at)),
            inserted_by,
            updates,
        )
        for each, generation, inserted_at, inserted_by, updates in commands
    ]


def get(principal: Principal, device_id: str, number: int) -> Command:
    """Raises Refused when the principal sees no such device, or it has no such command."""
    found = of_device(principal, device_id).filter(number=number).first()
    if found is None:
        raise CommandRefusal.NOT_FOUND(number)
    return found


def of_device(
    principal: Principal, device_id: str, *, status: str | None = None
) -> QuerySet[Command]:
    """The commands of a device; those with a status, unless it is blank, in any case of ASCII
    letters. Raises Refused when the principal sees no such device."""
    device = devices.get(principal, device_id)
    commands = Command.objects.filter(device_id=device_id, generation=device.generation)
    if status is None or not status.strip():
        return commands
    # Not `iexact`, which SQLite takes for a pattern, and a long one for too complex.
    lower = status.encode().lower().decode()
    return commands.alias(lower=Lower("status")).filter(lower=lower)
