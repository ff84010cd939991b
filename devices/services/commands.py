"""Commands to devices (protocol, 5.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, Length, Lower

from devicehive.events import fanout
from devicehive.orm.compiled import InsertRows, Select, execute
from devicehive.orm.filtered import Filtered
from devicehive.orm.portions import fitting
from devicehive.orm.records import change_record, column_names, make_record, read_records
from devicehive.orm.transactions import Done, commit_together, judge_each
from devicehive.protocol.columns import given
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devicehive.protocol.timestamps import MILLISECOND, now
from devices.models import Command
from devices.refusals import CommandRefusal
from devices.schemas.command import CommandBody, CommandUpdateBody
from devices.services import devices, events
from devices.services.access import DeviceAccess, Location, locate
from devices.services.blocking import check_not_blocked
from devices.services.messages import new_message

_INSERT = InsertRows(Command)
_REPLACE = InsertRows(Command, replacing=["device_id", "number"], keeping=["timestamp"])
"""Leaves out `timestamp`, which no update changes: SQLite would write its two indexes (ADR 37)."""


def _numbered(ids: Any, numbers: Any) -> QuerySet[Command]:
    return Command.objects.filter(device_id__among=ids, number__among=numbers)


def _length(text: str) -> Coalesce:
    return Coalesce(Length(text), Value(0))


# In key order, in which they are written too: processes that lock in one order cannot deadlock.
_LOCKED = Select(
    lambda ids, numbers: (
        _numbered(ids, numbers)
        .select_for_update()
        .order_by("device_id", "number")
        .values_list("device_id", "number", _length("parameters") + _length("result"))
    )
)
"""Locks commands, and returns how long each is."""
_WHOLE = Select(lambda ids, numbers: _numbered(ids, numbers).values_list(*column_names(Command)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandInsert:
    """A `command/insert` by `principal`."""

    principal: Principal
    device_id: str
    body: CommandBody


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandUpdate:
    """A `command/update` by `principal`; members that the body leaves out keep their values."""

    principal: Principal
    device_id: str
    number: int
    body: CommandUpdateBody | None


def insert_many(requests: Sequence[CommandInsert]) -> list[Command | Refused]:
    """Store commands in one transaction and tell their subscribers; a result for each."""
    return commit_together(_insert, requests)


def _insert(requests: Sequence[CommandInsert]) -> Done[Command]:
    located = locate(requests)
    results = judge_each(lambda request: _new(request, located), requests)
    inserted = [each for each in results if not isinstance(each, Refused)]
    fanout.publish(map(events.of_command, inserted))
    return results, [_INSERT.of(inserted)]


def _new(request: CommandInsert, located: DeviceAccess[Location]) -> Command:
    location = located.reach(request)
    check_not_blocked(request.principal, location)
    if request.body.command is None:
        raise CommandRefusal.REQUIRED()
    columns = new_message(request.device_id, location, request.body)
    columns |= {
        "last_updated": columns["timestamp"],
        "user_id": request.principal.user_id,
        "inserted_at": columns["stored_at"],
        "inserted_by": columns["origin"],
    }
    return make_record(Command, columns)


def update_many(requests: Sequence[CommandUpdate]) -> list[Refused | None]:
    """Update commands in one transaction and tell their subscribers. Returns a result for each, or
    only for the first of them, if the stored commands are too long for one transaction (R-47)."""
    return commit_together(_update, requests)


def _update(requests: Sequence[CommandUpdate]) -> Done[None]:
    """Of several updates of one command, each is told, and only the last state is written."""
    located = locate(requests)
    lengths = _lock(requests)
    requests = requests[: fitting(lengths.get(_identity(each), 0) for each in requests)]
    stored = _read(requests)
    results = judge_each(lambda request: _apply(request, stored, located), requests)
    updated = [each for each in results if not isinstance(each, Refused)]
    last = {_identity(each): each for each in updated}
    # A generator, which costs nothing if nobody listens, as is usual.
    fanout.publish(
        events.of_updated_command(each, located.devices[each.device_id]) for each in updated
    )
    return (
        [each if isinstance(each, Refused) else None for each in results],
        [_REPLACE.of([last[identity] for identity in sorted(last)])],
    )


def _lock(requests: Sequence[CommandUpdate]) -> dict[tuple[str, int], int]:
    """Lock the stored commands until the commit, and return how long each is."""
    (rows,) = execute(_LOCKED.among(*_named(requests)))
    return {(device_id, number): length for device_id, number, length in rows}


def _read(requests: Sequence[CommandUpdate]) -> dict[tuple[str, int], Command]:
    (rows,) = execute(_WHOLE.among(*_named(requests)))
    return {_identity(each): each for each in read_records(Command, rows)}


def _named(requests: Sequence[CommandUpdate]) -> tuple[set[str], set[int]]:
    return {request.device_id for request in requests}, {request.number for request in requests}


def _identity(message: Command | CommandUpdate) -> tuple[str, int]:
    return message.device_id, message.number


def _apply(
    request: CommandUpdate, stored: dict[tuple[str, int], Command], located: DeviceAccess[Location]
) -> Command:
    """The command after this update; the next update of the batch starts from it."""
    location = located.reach(request)
    check_not_blocked(request.principal, location)
    current = stored.get(_identity(request))
    if current is None or current.generation != location.generation:
        raise CommandRefusal.NOT_FOUND(request.number)
    if request.body is None:
        raise CommandRefusal.REQUIRED()
    moment = now()
    if moment == current.timestamp:
        moment += MILLISECOND  # Clients see by the difference that it was updated (REST 2.7).
    columns = given(request.body) | {
        "last_updated": moment,
        "stored_at": moment,
        "origin": fanout.origin(),
        "updates": current.updates + 1,
    }
    stored[_identity(request)] = updated = change_record(current, columns)
    return updated


def get(principal: Principal, device_id: str, number: int) -> Command:
    """Raises Refused if the principal can see no such device, or it has no such command."""
    found = of_device(principal, device_id).filter(number=number).first()
    if found is None:
        raise CommandRefusal.NOT_FOUND(number)
    return found


def of_device(
    principal: Principal, device_id: str, *, status: str | None = None
) -> Filtered[Command]:
    """The commands of a device; those with a status, unless it is blank, in any case of ASCII
    letters. Raises Refused when the principal sees no such device."""
    device = devices.get(principal, device_id)
    commands = Filtered(Command).filter(device_id=device_id, generation=device.generation)
    if status is None or not status.strip():
        return commands
    # Not `iexact`, which SQLite takes for a pattern, and a long one for too complex.
    return commands.where(_with_status, status.encode().lower().decode())


def _with_status(commands: QuerySet[Command], lower: str) -> QuerySet[Command]:
    return commands.alias(lower=Lower("status")).filter(lower=lower)
