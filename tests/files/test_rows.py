"""Rows of a file that contradict each other."""

import msgspec

from devices.files.json_rows import read_json
from devices.files.rows import agreeing


def refusals(*rows: str) -> list[str | None]:
    lines = agreeing(read_json(rows))
    return [None if isinstance(line.row, msgspec.Struct) else line.row.text for line in lines]


def test_a_row_that_contradicts_an_earlier_one_is_refused() -> None:
    assert refusals(
        '{"id": "a-1", "name": "A", "data": {"n": 1}}',
        '{"id": "b-1", "name": "B", "data": {"n": 1}}',
        '{"id": "a-1", "name": "B", "data": {"n": 2}}',
    ) == [None, None, "line 1 says otherwise of the same device: name, data"]


def test_rows_that_add_to_each_other_agree() -> None:
    rows = ('{"id": "a-1", "name": "A"}', '{"id": "a-1", "isBlocked": true}')
    assert refusals(*rows, *rows) == [None, None, None, None]


def test_each_row_that_is_contradicted_is_named() -> None:
    assert refusals(
        '{"id": "a-1", "name": "A"}',
        '{"id": "a-1", "data": null}',
        '{"id": "a-1", "name": "B", "data": {}}',
    ) == [None, None, "line 1, line 2 says otherwise of the same device: name, data"]
