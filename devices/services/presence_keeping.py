"""Write to the database which devices are connected and heard from, in batches (ADR 30)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction

from devicehive.events.event import PROCESS
from devicehive.orm.compiled import InsertRows, execute, many
from devicehive.orm.records import make_record
from devicehive.protocol.attendance import Attended, Speaker, attendance
from devicehive.protocol.timestamps import now
from devices.models import LONGEST_ADDRESS, OF_DEVICE, Attachment, Presence
from devices.services import server_processes, silence
from devices.services.presence_table import rewrite

SLICE_DEVICES = 200
"""Devices in one transaction, for which saves may have to wait: about ten milliseconds."""
STEADY_SECONDS = 12
"""A process whose last beat is older than this declares no others dead: the database may have been
away for all of them, and they are about to beat again."""


_ATTACH = InsertRows(Attachment, leaving=True)


class Rhythm:
    """The times of this process's beats."""

    def __init__(self) -> None:
        self.last = monotonic()

    def is_steady(self) -> bool:
        return monotonic() - self.last < STEADY_SECONDS

    def is_due(self) -> bool:
        return monotonic() - self.last >= settings.PRESENCE_SECONDS

    def beat(self) -> bool:
        """Write a beat. Returns False if this process was not registered as living."""
        self.last = monotonic()
        is_known = server_processes.beat()
        if not is_known:
            # It is new, or so late that others took it for dead: none of its rows are left.
            attendance.note_all_changed()
        return is_known


_rhythm = Rhythm()


def keep() -> Iterator[None]:
    """Write what has changed since the last call, and release devices of dead processes. Called
    every PRESENCE_SECONDS; yields after each transaction, so that others get their turn."""
    is_steady, is_known = _rhythm.is_steady(), _rhythm.beat()
    yield
    lost = release_lost() if is_steady and is_known else ()
    for _ in chain(_write(attendance.take()), lost, silence.look()):
        yield
        if _rhythm.is_due():
            # Writing 100,000 new devices takes longer than a process may go without a beat.
            _rhythm.beat()


def end() -> Iterator[None]:
    """Write the last changes, and that this process has stopped; yields as `keep` does."""
    server_processes.resign()
    yield from _write(attendance.take())


def _write(attended: Attended) -> Iterator[None]:
    try:
        for part in attended.slices(SLICE_DEVICES):
            _revise(part.only(part.ids - _hear_again(part)))
            yield
    except (DatabaseError, GeneratorExit):  # GeneratorExit: the caller stopped iterating.
        attendance.put_back(attended)
        raise


@transaction.atomic
def _hear_again(part: Attended) -> set[str]:
    """Write that devices were heard from, for those where nothing else has changed, and return
    their ids. Most devices are such, and this costs a fraction of a look at each row."""
    known = {id_: _whose(each) for id_, each in part.heard.items() if id_ not in part.changed}
    if not known:
        return set()
    found = (
        Presence.objects.select_for_update(of=("self",))
        .filter(OF_DEVICE, device__among=many(known), is_connected=True, is_silent=False)
        .order_by("device_id")
        .values_list("device_id", "address", "user_id")
    )
    same = {id_ for id_, *speaker in found if tuple(speaker) == known[id_]}
    Presence.objects.filter(device__among=many(same)).update(heard_at=now())
    return same


def _whose(speaker: Speaker) -> tuple[str, int | None]:
    """The address of a speaker and its user, which is None if it has lost its rights."""
    address = speaker.address.replace("\0", "")[:LONGEST_ADDRESS]
    return address, speaker.principal.user_id if speaker.principal else None


@transaction.atomic
def _revise(part: Attended) -> None:
    if not part.ids:
        return
    joined = [id_ for id_, is_connected in part.changed.items() if is_connected]
    attached = [make_record(Attachment, {"device_id": id_, "process": PROCESS}) for id_ in joined]
    execute(_ATTACH.of(attached))
    left = part.changed.keys() - set(joined)
    if left:
        Attachment.objects.filter(process=PROCESS, device_id__among=many(left)).delete()
    rewrite(part.ids, lambda row, moment: _hear(row, part.heard.get(row.device_id), moment))


def _hear(row: Presence, speaker: Speaker | None, moment: datetime) -> Mapping[str, Any]:
    if speaker is None:
        return {}
    address, user_id = _whose(speaker)
    columns = {"heard_at": moment, "address": address, "user_id": user_id, "is_silent": False}
    return columns | {"change": Presence.Change.HEARD.value} if row.is_silent else columns


def _keep_as_it_is(row: Presence, moment: datetime) -> Mapping[str, Any]:
    """Change no column; `rewrite` then only updates whether the device is connected."""
    return {}


def release_lost() -> Iterator[None]:
    """Disconnect the devices of dead processes; yields as `keep` does."""
    while True:
        lost = Attachment.objects.exclude(process=PROCESS).exclude(
            process__in=server_processes.living().values("pk")
        )
        ids = list(lost.order_by("device_id").values_list("device_id", flat=True)[:SLICE_DEVICES])
        if not ids:
            break
        with transaction.atomic():
            lost.filter(device_id__among=many(ids)).delete()
            rewrite(ids, _keep_as_it_is)
        yield
    server_processes.bury()
