"""Stored devices that are locked until the transaction ends, so that they can be changed."""

from collections.abc import Mapping, Sequence

from devicehive.orm.compiled import execute
from devicehive.orm.dialects import Rows
from devicehive.orm.portions import fitting
from devices.models import Device
from devices.services.device_table import SHORT_DATA, UNLOCKED, by_id


class LockedDevices:
    """The rows of `device_table.LOCKED`: the short devices, and how long the others are."""

    def __init__(self, rows: Rows) -> None:
        self._lengths: dict[str, int] = {
            row[0]: row[-1] for row in rows if row[-1] is not None and row[-1] > SHORT_DATA
        }
        short = [row for row in rows if row[0] not in self._lengths] if self._lengths else rows
        self._short = by_id([row[:-1] for row in short])

    def __contains__(self, device_id: object) -> bool:
        return device_id in self._short or device_id in self._lengths

    def first(self, ids: Sequence[str]) -> tuple[int, Mapping[str, Device]]:
        """How many of `ids`, from the first on, fit into memory with their stored data (R-47), and
        these devices. Takes one more query if some are long; otherwise all fit."""
        if not self._lengths:
            return len(ids), self._short
        count = fitting(self._lengths.get(id_, 0) for id_ in ids)
        (long,) = execute(UNLOCKED.among(self._lengths.keys() & set(ids[:count])))
        return count, {**self._short, **by_id(long)}
