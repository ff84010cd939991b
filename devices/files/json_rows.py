"""Read and write devices as NDJSON (one object a line), and read arrays as REST answers them."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec

from devicehive.protocol.json_texts import said_once
from devicehive.protocol.refusals import Refused
from devices.files.refusals import FileRefusal, RowRefusal
from devices.files.rows import Line, Row, WrittenRow


class LaxRow(Row, forbid_unknown_fields=False):
    """A row whose unknown members are ignored."""


class Identified(msgspec.Struct):
    """The part of a row that is reported even when the rest is wrong."""

    id: Any = None


_decoders = {False: msgspec.json.Decoder(Row).decode, True: msgspec.json.Decoder(LaxRow).decode}
_decode_id = msgspec.json.Decoder(Identified).decode


def read_json(lines: Iterable[str], *, ignore_unknown: bool = False) -> Iterator[Line]:
    """The rows of NDJSON or of one array. Raises Refused for an array that cannot be read."""
    rows = iter(lines)
    blank = 0
    for first in rows:
        if first.strip():
            break
        blank += 1
    else:
        return
    if first.lstrip().startswith("["):
        texts: Iterable[str | msgspec.Raw] = _elements(first + "".join(rows))
        places, start = "device", 1
    elif first.strip() == "{":
        raise FileRefusal.OBJECT_OVER_LINES()
    else:
        texts, places, start = chain([first], rows), "line", blank + 1
    for number, text in enumerate(texts, start):
        if isinstance(text, msgspec.Raw) or text.strip():
            yield _line(f"{places} {number}", text, ignore_unknown)


def _elements(text: str) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(text, type=list[msgspec.Raw])
    except UnicodeError:
        raise FileRefusal.ARRAY(RowRefusal.ENCODING.text) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise FileRefusal.ARRAY(error) from None


def _line(place: str, text: str | msgspec.Raw, ignore_unknown: bool) -> Line:
    try:
        row = _decoders[ignore_unknown](text)
        _check_once(text)
    except Refused as refused:
        return Line(place, refused, _id_in(text))
    except UnicodeError:
        return Line(place, RowRefusal.ENCODING())
    except (msgspec.DecodeError, RecursionError) as error:
        return Line(place, RowRefusal.UNREADABLE(error), _id_in(text))
    return Line(place, row, row.id)


def _check_once(text: str | msgspec.Raw) -> None:
    """Refuse a row that has a member twice; within `data`, the last one counts (R-35)."""
    whole = text.encode() if isinstance(text, str) else bytes(text)
    if whole.lstrip().startswith(b"{") and said_once(whole) != whole:
        names = [name for name, _ in json.loads(whole, object_pairs_hook=list)]
        for name in names:
            if names.count(name) > 1:
                raise RowRefusal.SAME_MEMBER(name)


def _id_in(text: str | msgspec.Raw) -> str | None:
    try:
        found = _decode_id(text).id
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


LINE_BREAKS = {ord("\n"): " ", ord("\r"): " "}
"""Replaces line breaks, which JSON allows only between members: in strings they are escaped."""


def ndjson_lines(rows: Iterable[WrittenRow]) -> Iterator[str]:
    """The rows as lines. Line breaks between the members of `data` become spaces."""
    for row in rows:
        yield msgspec.json.encode(row).decode().translate(LINE_BREAKS) + "\n"
