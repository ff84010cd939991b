"""Parse the text of cells, from a CSV file or the command line, into a row."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from devices.files.refusals import RowRefusal
from devices.files.rows import MEMBERS, Row

FIELDS = dict(zip(MEMBERS, Row.__struct_fields__, strict=True))
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
"""A number with many digits as a spreadsheet rounds it, such as an id."""


def row_of(cells: Mapping[str, str]) -> Row:
    """The row of these texts; the keys are the names of members. Raises Refused."""
    try:
        "".join(cells.values()).encode()
    except UnicodeError:
        raise RowRefusal.ENCODING() from None
    members = {FIELDS[name]: _PARSED[name](name, cell) for name, cell in cells.items()}
    return Row(**members)


def _text(name: str, cell: str) -> str:
    return cell


def _id(name: str, cell: str) -> str:
    if ROUNDED.fullmatch(cell):
        raise RowRefusal.ROUNDED_ID()
    return cell


def _json(name: str, cell: str) -> msgspec.Raw:
    try:
        return msgspec.json.decode(cell.strip() or "null", type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RowRefusal.UNREADABLE(f"{name}: {error}") from None


def _number(name: str, cell: str) -> int:
    if not re.fullmatch("[0-9]{1,19}", cell.strip(), re.ASCII):
        raise RowRefusal.NOT_AN_ID(name, cell)
    return int(cell)


def _truth(name: str, cell: str) -> bool:
    try:
        return TRUTHS[cell.strip().lower()]
    except KeyError:
        raise RowRefusal.NOT_A_TRUTH(cell) from None


_PARSED: Mapping[str, Callable[[str, str], Any]] = {
    "id": _id,
    "name": _text,
    "data": _json,
    "networkId": _number,
    "networkName": _text,
    "deviceTypeId": _number,
    "deviceTypeName": _text,
    "isBlocked": _truth,
}
