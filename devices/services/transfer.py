"""Import devices from files and export them, for the commands and the admin."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple, Self

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Manager, QuerySet

from devicehive.orm.filtered import AT_ONCE
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devicehive.protocol.shapes import NULL
from devices.files.refusals import RowRefusal
from devices.files.rows import Line, Row, WrittenRow
from devices.models import Device, DeviceType, Network
from devices.refusals import DeviceRefusal
from devices.schemas.device import DeviceBody
from devices.services import devices
from devices.services.device_save import DeviceSave


class Outcome(NamedTuple):
    """The result of a line; `refused` is why it was not saved."""

    place: str
    device_id: str | None
    refused: Refused | None


@dataclass(slots=True)
class Counts:
    """Counts of the rows saved, or that would be in a dry run, and of those refused."""

    is_dry_run: bool
    saved: int = 0
    refused: int = 0

    def count(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Count outcomes while passing them on."""
        for outcome in outcomes:
            self.saved += outcome.refused is None
            self.refused += outcome.refused is not None
            yield outcome

    def __str__(self) -> str:
        done = "would be saved" if self.is_dry_run else "saved"
        return f"{self.saved + self.refused} rows: {self.saved} {done}, {self.refused} refused."


@dataclass(frozen=True, slots=True)
class Names:
    """The ids of the networks and device types that some rows name."""

    networks: Mapping[str, int]
    device_types: Mapping[str, int]

    @classmethod
    def look_up(cls, rows: Sequence[Row]) -> Self:
        networks = {row.network_name for row in rows if row.network_name is not None}
        types = {row.device_type_name for row in rows if row.device_type_name is not None}
        return cls(
            networks=_ids(Network, networks) if networks else {},
            device_types=_ids(DeviceType, types) if types else {},
        )


def save_row(principal: Principal, row: Row) -> None:
    """Register or update the device that one row describes. Raises Refused."""
    devices.save(_request(principal, row, Names.look_up([row])))


def import_lines(
    principal: Principal, lines: Iterable[Line], *, dry_run: bool = False
) -> Iterator[Outcome]:
    """Save lines, SAVE_BATCH_SIZE in a transaction, and yield the outcome of each.

    A dry run rolls every batch back, so it sees the devices of the earlier lines of a batch
    but not those of earlier batches.
    """
    lines = iter(lines)
    while batch := list(islice(lines, settings.SAVE_BATCH_SIZE)):
        yield from _import_batch(principal, batch, dry_run=dry_run)


def _import_batch(
    principal: Principal, batch: Sequence[Line], *, dry_run: bool
) -> Iterator[Outcome]:
    names = Names.look_up([line.row for line in batch if isinstance(line.row, Row)])
    requests = [_request_or_refused(principal, line.row, names) for line in batch]
    saves = [request for request in requests if isinstance(request, DeviceSave)]
    results = iter(_try(saves) if dry_run else devices.save_all(saves))
    for line, request in zip(batch, requests, strict=True):
        refused = request if isinstance(request, Refused) else next(results)
        yield Outcome(line.place, line.device_id, refused)


def _try(saves: Sequence[DeviceSave]) -> list[Refused | None]:
    with transaction.atomic():
        results = devices.save_all(saves)
        transaction.set_rollback(True)
    return results


def _request_or_refused(
    principal: Principal, row: Row | Refused, names: Names
) -> DeviceSave | Refused:
    try:
        return row if isinstance(row, Refused) else _request(principal, row, names)
    except Refused as refused:
        return refused


def _request(principal: Principal, row: Row, names: Names) -> DeviceSave:
    body = DeviceBody(
        name=row.name,
        data=NULL if isinstance(row.data, msgspec.UnsetType) else row.data,
        network_id=_id("network", row.network_id, row.network_name, names.networks),
        device_type_id=_id(
            "deviceType", row.device_type_id, row.device_type_name, names.device_types
        ),
        is_blocked=row.is_blocked,
    )
    if row.id is None:
        raise DeviceRefusal.ID_REQUIRED()
    save = DeviceSave.of(principal, row.id, body)
    return replace(save, keeps_data=row.data is msgspec.UNSET)


def _id(what: str, id_: int | None, name: str | None, ids: Mapping[str, int]) -> int | None:
    if name is None:
        return id_
    if id_ is not None:
        raise RowRefusal.ID_AND_NAME(what, what)
    if name not in ids:
        raise RowRefusal.UNKNOWN_NAME(what, name)
    return ids[name]


def _ids(model: type[Network | DeviceType], names: set[str]) -> dict[str, int]:
    return dict(model.objects.filter(name__in=names).values_list("name", "id"))


def exported(devices_: QuerySet[Device] | Manager[Device]) -> Iterator[WrittenRow]:
    """The rows of these devices, in the order of ids."""
    rows = devices_.order_by("id").values_list(
        "id", "name", "data", "network__name", "device_type__name", "is_blocked"
    )
    for id_, name, data, network, device_type, is_blocked in rows.iterator(AT_ONCE):
        raw = None if data is None else msgspec.Raw(data)
        yield WrittenRow(
            id=id_,
            name=name,
            data=raw,
            network_name=network,
            device_type_name=device_type,
            is_blocked=is_blocked,
        )
