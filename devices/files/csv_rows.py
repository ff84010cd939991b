"""Read and write devices as CSV, with commas or the delimiters that spreadsheets use elsewhere."""

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
"""A line before the header that tells Excel the delimiter."""
KNOWN = {name.lower(): name for name in MEMBERS}

# Cells that spreadsheets change; with an apostrophe in front they stay text.
FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""The beginning of a cell that a spreadsheet runs as a formula."""
NUMBER = re.compile(r"[\d.,:/ eE+-]*\d[\d.,:/ eE+-]*", re.ASCII)
"""A cell that a spreadsheet turns into a number, a date or a time, and so changes 007, 1E5, 3-4 and
numbers of 20 digits."""
KEPT_NUMBER = re.compile(r"0|[1-9]\d{0,14}", re.ASCII)
"""A number that a spreadsheet does not change."""


class NamedColumns(NamedTuple):
    """The header, which names the columns; None stands for a column that is ignored."""

    line: int
    columns: tuple[str | None, ...]
    delimiter: str
    skips_blanks: bool


def read_csv(lines: Iterable[str], *, ignore_unknown: bool = False) -> Iterator[Line]:
    """The rows of a CSV file, whose first line names the columns. Raises Refused if that line is no
    header, or names an unknown column."""
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
    """The names of columns, known ones in our spelling, without empty ones at the end."""
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
    # An empty cell leaves the member out, except `data`, which it clears.
    given = {name: _text_of(cell) for name, cell in pairs if name and (cell or name == "data")}
    device_id = given.get("id")
    if all(name == cell for name, cell in given.items()):
        # The header repeats because files were joined; it would make a device with the id "id".
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
    """Whether a spreadsheet would run the text as a formula or show another text."""
    is_number = NUMBER.fullmatch(text) and not KEPT_NUMBER.fullmatch(text)
    return bool(FORMULA.match(text) or is_number)


class Returning:
    """A file for csv.writer, which returns what its file returns: the line itself."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[WrittenRow], *, safe_cells: bool = False) -> Iterator[str]:
    """Lines that `read_csv` reads back. With `safe_cells` spreadsheets run and change no cell."""
    minimal: Any = csv.writer(Returning(), lineterminator="\n")
    quoted: Any = csv.writer(Returning(), lineterminator="\n", quoting=csv.QUOTE_ALL)
    yield minimal.writerow(WrittenRow.__struct_encode_fields__)
    for row in rows:
        data = "" if row.data is None else bytes(row.data).decode()
        blocked = "true" if row.is_blocked else "false"
        texts = [row.id, row.name, data, row.network_name, row.device_type_name, blocked]
        cells = [_cell_of(text, safe_cells) for text in texts]
        # csv.writer does not quote a lone carriage return. Quoted cells are also read correctly
        # by spreadsheets that use another delimiter.
        yield (quoted if safe_cells or "\r" in "".join(cells) else minimal).writerow(cells)


def _cell_of(text: str, safe_cells: bool) -> str:
    """The cell of a text, with an apostrophe in front if it needs one or would be read as escaped:
    reading removes one."""
    escapes = _is_escaped(text) or (safe_cells and _is_changed(text))
    return f"'{text}" if escapes else text
