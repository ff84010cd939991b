"""Devices as rows of a file, NDJSON or CSV: what a row may say, and how it is read and written.

A row that is read is a `device/save`: members that are absent, null or an empty cell are not
given. Networks and types may be named instead of numbered, because a name means the same in
another installation; a row that is written names them.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import TextIOBase
from typing import Any, NamedTuple

import msgspec
from django.conf import settings

from devicehive.protocol.refusals import Refused
from devicehive.protocol.shapes import Str, decode_member
from devices.refusals import RowRefusal
from devices.schemas.device import DeviceBody


class Row(DeviceBody):
    """A row that was read."""

    id: Str | None = None
    network_name: Str | None = None
    device_type_name: Str | None = None


class Line(NamedTuple):
    """What stands in a file from line `number` on."""

    number: int
    row: Row | Refused
    device_id: str | None = None
    """As far as it can be told from what was refused, too."""


class WrittenRow(msgspec.Struct, rename="camel"):
    id: str
    name: str
    data: msgspec.Raw | None
    network_name: str
    device_type_name: str
    is_blocked: bool


def read_ndjson(lines: Iterable[str]) -> Iterator[Line]:
    for number, text in enumerate(lines, start=1):
        if text.strip():
            row = _or_refused(_decoded, text)
            yield Line(number, row, row.id if isinstance(row, Row) else _id_in(text))


def read_csv(lines: Iterable[str]) -> Iterator[Line]:
    """Columns are found by the names in the first line; unknown ones are ignored, as unknown
    members of a request are. Raises Refused when there is no `id` among them, or a name twice."""
    csv.field_size_limit(settings.MAX_MESSAGE_BYTES)
    reader = csv.reader(lines, strict=True)
    columns = next(reader, [])
    if "id" not in columns:
        raise RowRefusal.NO_ID_COLUMN()
    for name in columns:
        if name and columns.count(name) > 1:
            raise RowRefusal.SAME_COLUMN(name)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(number, RowRefusal.UNREADABLE(error))
            continue
        if len(cells) > len(columns):
            yield Line(number, RowRefusal.TOO_MANY_CELLS(len(cells), len(columns)))
        elif cells:
            # A short row is one whose last cells are empty.
            given = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
            yield Line(number, _or_refused(from_cells, given), given.get("id"))


def from_cells(cells: Mapping[str, str]) -> Row:
    """The row that texts make; that of `data` is JSON. Raises Refused."""
    members: dict[str, Any] = dict(cells)
    try:
        if "data" in members:
            members["data"] = msgspec.json.decode(members["data"], type=msgspec.Raw)
        return _decoded(msgspec.json.encode(members))
    except UnicodeError:
        raise RowRefusal.ENCODING() from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise RowRefusal.UNREADABLE(f"data: {error}") from None


_decode = msgspec.json.Decoder(Row, dec_hook=decode_member).decode


def _decoded(text: str | bytes) -> Row:
    try:
        return _decode(text)
    except UnicodeError:
        raise RowRefusal.ENCODING() from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise RowRefusal.UNREADABLE(error) from None


class Identified(msgspec.Struct):
    """The part of a row that is reported even when the rest is wrong."""

    id: Any = None


_decode_id = msgspec.json.Decoder(Identified).decode


def _id_in(text: str) -> str | None:
    try:
        found = _decode_id(text).id
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def _or_refused(read: Callable[[Any], Row], source: Any) -> Row | Refused:
    try:
        return read(source)
    except Refused as refused:
        return refused


def write_ndjson(rows: Iterable[WrittenRow], file: TextIOBase) -> None:
    """A row is one line, so line breaks between the members of `data` become spaces."""
    file.writelines(msgspec.json.encode(row).decode().translate(LINE_BREAKS) + "\n" for row in rows)


LINE_BREAKS = {ord("\n"): " ", ord("\r"): " "}
"""In JSON they stand only between members; within a string they are written as escapes."""


def write_csv(rows: Iterable[WrittenRow], file: TextIOBase) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(WrittenRow.__struct_encode_fields__)
    for row in rows:
        data = "" if row.data is None else bytes(row.data).decode()
        blocked = "true" if row.is_blocked else "false"
        writer.writerow([row.id, row.name, data, row.network_name, row.device_type_name, blocked])


READERS = {"ndjson": read_ndjson, "csv": read_csv}
WRITERS = {"ndjson": write_ndjson, "csv": write_csv}
FORMATS = tuple(READERS)
SUFFIXES = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv"}
