"""Rows of files of devices.

Rows are read strictly, other than frames: what cannot be understood is refused. Members that a row
leaves out keep their values, `data` too; null `data`, or an empty cell, clears it. Rows may name
networks and types instead of giving ids, because names mean the same in another installation.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from devicehive.protocol.refusals import Refused
from devices.files.refusals import RowRefusal

LARGEST_ROW_ID = 2**63 - 1


class Row(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A row that was read."""

    id: str | None = None
    name: str | None = None
    data: msgspec.Raw | UnsetType = UNSET
    network_id: int | None = None
    network_name: str | None = None
    device_type_id: int | None = None
    device_type_name: str | None = None
    is_blocked: bool | None = None

    def __post_init__(self) -> None:
        for name, value in zip(MEMBERS, msgspec.structs.astuple(self), strict=True):
            if isinstance(value, str) and "\0" in value:
                # PostgreSQL can neither store NUL nor search for it.
                raise RowRefusal.NUL(name)
            if type(value) is int and not 0 <= value <= LARGEST_ROW_ID:
                raise RowRefusal.NOT_AN_ID(name, value)


MEMBERS = Row.__struct_encode_fields__


class Line(NamedTuple):
    """A row of a file, or why it is refused, at `place`, such as "line 7"."""

    place: str
    row: Row | Refused
    device_id: str | None = None
    """The id, if it is known, of a refused row too."""


class WrittenRow(msgspec.Struct, rename="camel"):
    id: str
    name: str
    data: msgspec.Raw | None
    network_name: str
    device_type_name: str
    is_blocked: bool


def agreeing(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, with a refusal for each row that contradicts an earlier one of the same device:
    only the author of the file knows which is right."""
    said: dict[str, dict[str, tuple[str, int]]] = {}
    for line in lines:
        if isinstance(line.row, Refused) or line.row.id is None:
            yield line
            continue
        before = said.setdefault(line.row.id, {})
        given = _given(line.row)
        differing = [name for name in given if name in before and before[name][1] != given[name]]
        if differing:
            places = ", ".join(dict.fromkeys(before[name][0] for name in differing))
            yield line._replace(row=RowRefusal.DISAGREES(places, ", ".join(differing)))
            continue
        before.update({name: (line.place, value) for name, value in given.items()})
        yield line


def _given(row: Row) -> dict[str, int]:
    """Hashes of the members of a row, because a million rows would not fit into memory."""
    values = zip(MEMBERS, msgspec.structs.astuple(row), strict=True)
    return {
        name: hash(bytes(value) if isinstance(value, msgspec.Raw) else value)
        for name, value in values
        if name != "id" and value is not None and value is not UNSET
    }
