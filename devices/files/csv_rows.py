"""Devices as CSV: with commas, or with what the spreadsheets of other countries write."""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from devicehive.protocol.refusals import Refused
from devices.files.cells import row_of
from devices.files.refusals import FileRefusal, RowRefusal
from devices.files.rows import MEMBERS, Line, WrittenRow

DELIMITERS = ",;\t|"
SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?[\r\n]*', re.IGNORECASE)
"""How Excel is told the delimiter, in a line before the header."""
KNOWN = {name.lower(): name for name in MEMBERS}

# What spreadsheets make something else of; an apostrophe in front makes it a text.
FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that is run."""
NUMBER = re.compile(r"[\d.,:/ eE+-]*\d[\d.,:/ eE+-]*", re.ASCII)
"""A cell that becomes a number, a date or a time: 007, 1E5, 3-4 and 20 digits are not themselves
any more."""
KEPT_NUMBER = re.compile(r"0|[1-9]\d{0,14}", re.ASCII)
"""A number that is written as it was."""


class NamedColumns(NamedTuple):
    """The line that names the columns; None is one that is not read."""

    line: int
    columns: tuple[str | None, ...]
    delimiter: str
    skips_blanks: bool


def read_csv(lines: Iterable[str], *, ignore_unknown: bool = False) -> Iterator[Line]:
    """Columns are found by the names in the first line. Raises Refused when that is no header, or
    names a column that does not exist."""
    csv.field_size_limit(sys.maxsize)
    rows = iter(lines)
    header = _header(rows, ignore_unknown)
    reader = csv.reader(
        rows, strict=True, delimiter=header.delimiter, skipinitialspace=header.skips_blanks
    )
    while True:
        place = f"line {header.line + reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(place, _unreadable(error))
            continue
        if any(cell.strip() for cell in cells):
            yield _line(place, cells, header, ignore_unknown)


def _unreadable(error: csv.Error) -> Refused:
    if str(error) == "unexpected end of data":
        return RowRefusal.OPEN_QUOTE()
    return RowRefusal.UNREADABLE(error)


def _header(lines: Iterator[str], ignore_unknown: bool) -> NamedColumns:
    delimiters = DELIMITERS
    for number, text in enumerate(lines, start=1):
        if told := SEPARATOR_LINE.fullmatch(text):
            delimiters = told[1]
        elif text.strip():
            return _header_of(number, text, delimiters, ignore_unknown)
    raise FileRefusal.NO_ID_COLUMN()


def _header_of(number: int, text: str, delimiters: str, ignore_unknown: bool) -> NamedColumns:
    if text.lstrip().startswith(("{", "[")):
        raise FileRefusal.JSON()
    names, delimiter = max(
        ((_names(text, delimiter), delimiter) for delimiter in delimiters),
        key=lambda found: ("id" in found[0], len(found[0])),
    )
    if "id" not in names:
        raise FileRefusal.NO_ID_COLUMN()
    columns = tuple(_column(name, ignore_unknown) for name in names)
    for column in columns:
        if column and columns.count(column) > 1:
            raise FileRefusal.SAME_COLUMN(column)
    skips_blanks = all(cell.startswith(" ") for cell in text.split(delimiter)[1:])
    return NamedColumns(number, columns, delimiter, skips_blanks)


def _names(text: str, delimiter: str) -> list[str]:
    """The names as we write them where we know them, without those of trailing delimiters."""
    try:
        cells = next(csv.reader([text], strict=True, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []
    names = [KNOWN.get(cell.strip().lower(), cell.strip()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _column(name: str, ignore_unknown: bool) -> str | None:
    if name in MEMBERS:
        return name
    if name and not ignore_unknown:
        raise FileRefusal.UNKNOWN_COLUMN(name)
    return None


def _line(place: str, cells: list[str], header: NamedColumns, ignore_unknown: bool) -> Line:
    columns = header.columns
    if len(cells) < len(columns) or any(cells[len(columns) :]):
        return Line(place, RowRefusal.CELLS(len(cells), len(columns)))
    pairs = list(zip(columns, cells, strict=False))
    unnamed = [cell for column, cell in pairs if column is None and cell.strip()]
    # An empty cell gives nothing, but data, which it clears.
    given = {name: _text_of(cell) for name, cell in pairs if name and (cell or name == "data")}
    device_id = given.get("id")
    if all(name == cell for name, cell in given.items()):
        # Two files were joined. `id` and `name` would make a device.
        return Line(place, RowRefusal.HEADER_AGAIN())
    if unnamed and not ignore_unknown:
        return Line(place, RowRefusal.UNNAMED_COLUMN(unnamed[0]), device_id)
    try:
        return Line(place, row_of(given), device_id)
    except Refused as refused:
        return Line(place, refused, device_id)


def _text_of(cell: str) -> str:
    return cell[1:] if _is_escaped(cell) else cell


def _is_escaped(text: str) -> bool:
    return text.startswith("'") and _is_changed(text.lstrip("'"))


def _is_changed(text: str) -> bool:
    """Whether a spreadsheet would run it or show another text."""
    is_number = NUMBER.fullmatch(text) and not KEPT_NUMBER.fullmatch(text)
    return bool(FORMULA.match(text) or is_number)


class Returning:
    """A file for csv.writer, which returns what its file returns: the line itself."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[WrittenRow], *, safe_cells: bool = False) -> Iterator[str]:
    """Lines that read_csv reads back. `safe_cells` keeps spreadsheets from running any."""
    minimal: Any = csv.writer(Returning(), lineterminator="\n")
    quoted: Any = csv.writer(Returning(), lineterminator="\n", quoting=csv.QUOTE_ALL)
    yield minimal.writerow(WrittenRow.__struct_encode_fields__)
    for row in rows:
        data = "" if row.data is None else bytes(row.data).decode()
        blocked = "true" if row.is_blocked else "false"
        texts = [row.id, row.name, data, row.network_name, row.device_type_name, blocked]
        cells = [_cell_of(text, safe_cells) for text in texts]
        # A carriage return alone would not be quoted; and a quoted cell stays one where
        # another delimiter is the custom.
        yield (quoted if safe_cells or "\r" in "".join(cells) else minimal).writerow(cells)


def _cell_of(text: str, safe_cells: bool) -> str:
    """An apostrophe before one that stands there already, so that reading can take one away."""
    escapes = _is_escaped(text) or (safe_cells and _is_changed(text))
    return f"'{text}" if escapes else text
