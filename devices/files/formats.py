"""Choose the format of a file: the one that was requested, or that of its suffix."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from devices.files.csv_rows import csv_lines, read_csv
from devices.files.json_rows import ndjson_lines, read_json
from devices.files.refusals import FileRefusal
from devices.files.rows import Line, WrittenRow, agreeing
from devices.files.texts import Readable, read_texts

READERS = {"ndjson": read_json, "csv": read_csv}
FORMATS = ("ndjson", "csv")
WRITTEN = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv"}
READ = WRITTEN | {".json": "ndjson", ".tsv": "csv"}


def format_read(path: Path, said: str | None) -> str:
    """The format of a file to read: the one `said`, or that of its suffix. Raises Refused if
    neither is known."""
    return _format(path, said, READ)


def format_written(path: Path | None, said: str | None) -> str:
    """The format of a file to write, likewise; NDJSON on standard output. Raises Refused."""
    return said or "ndjson" if path is None else _format(path, said, WRITTEN)


def lines_in(
    file: Readable,
    form: str,
    *,
    encoding: str | None,
    ignore_unknown: bool,
    progress: Callable[[int], object] | None = None,
) -> Iterator[Line]:
    """The rows of a file, each with its place. Raises Refused if the file cannot be read at all.

    Without `encoding`, the beginning of the file decides. `progress` is called with the number of
    bytes read.
    """
    texts = read_texts(file, encoding, progress=progress)
    return agreeing(READERS[form](texts, ignore_unknown=ignore_unknown))


def lines_of(rows: Iterable[WrittenRow], form: str, *, safe_cells: bool = False) -> Iterator[str]:
    """The rows as lines of a file; `safe_cells` is for CSV."""
    return csv_lines(rows, safe_cells=safe_cells) if form == "csv" else ndjson_lines(rows)


def _format(path: Path, said: str | None, suffixes: dict[str, str]) -> str:
    form = said or suffixes.get(path.suffix.lower())
    if form is None:
        raise FileRefusal.FORMAT()
    return form
