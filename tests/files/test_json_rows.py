"""Devices in NDJSON, or in one JSON array."""

import io
from typing import Any

import msgspec
import pytest

from devicehive.protocol.refusals import Refused
from devices.files.json_rows import read_json
from tests.files.test_csv_rows import given

ARRAY = '[{"id":"a-1","name":"A","data":null,"networkId":1,"deviceTypeId":1,"isBlocked":false}]'
DEVICE = {
    "id": "a-1",
    "name": "A",
    "data": "null",
    "networkId": 1,
    "deviceTypeId": 1,
    "isBlocked": False,
}


def read(text: str, **options: bool) -> list[tuple[str, dict[str, Any] | str]]:
    lines = read_json(io.StringIO(text, newline=""), **options)
    return [(line.place, given(line.row)) for line in lines]


@pytest.mark.parametrize("text", [ARRAY, f"\r\n {ARRAY}\n", ARRAY.replace(",", ",\n")])
def test_an_array_as_rest_answers_it(text: str) -> None:
    assert read(text) == [("device 1", DEVICE)]


def test_a_line_is_a_device() -> None:
    assert read('\n{"id": "a-1"}\n\n{"id": "b-1"}\r\n') == [
        ("line 2", {"id": "a-1"}),
        ("line 4", {"id": "b-1"}),
    ]


@pytest.mark.parametrize("text", ["", "\n", "[]"])
def test_a_file_without_devices(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ('{"id": "a-1", "isBlocked": 1}', "Expected `bool | null`, got `int`"),
        ('{"id": "a-1", "isBlocked": "yes"}', "Expected `bool | null`, got `str`"),
        ('{"id": 7}', "Expected `str | null`, got `int`"),
        ('{"id": "a-1", "name": "A", "name": "B"}', "the member name is given twice"),
        ('{"id": "a-1", "\\u0069d": "b-1"}', "the member id is given twice"),
        ('{"id": "a-1", "colour": "red"}', "Object contains unknown field `colour`"),
        ('{"id": "a-1", "name": "\\u0000"}', "name: NUL character"),
        ('{"id": "a-1", "networkName": "\\u0000"}', "networkName: NUL character"),
        ('{"id": "a-1", "networkId": 9223372036854775808}', "networkId: 92"),
        ('{"id": "a-1", "networkId": -1}', "networkId: -1 is no id"),
        ('{"id": "a-1", "networkId": "1"}', "Expected `int | null`, got `str`"),
        ('"a-1"', "Expected `object`, got `str`"),
    ],
)
@pytest.mark.parametrize("around", ["%s", "[%s]"])
def test_a_row_that_is_not_understood(row: str, text: str, around: str) -> None:
    ((_, why),) = read(around % row)
    assert str(why).startswith(text)


def test_an_array_that_ends_too_early_is_no_array() -> None:
    with pytest.raises(Refused, match="the JSON array cannot be read: Input data was truncated"):
        read('[{"id": "a-1"},')


def test_a_line_that_ends_too_early_is_refused() -> None:
    assert read('{"id": "a-1"\n{"id": "b-1"}') == [
        ("line 1", "Input data was truncated"),
        ("line 2", {"id": "b-1"}),
    ]


def test_within_data_the_last_counts() -> None:
    assert read('{"id": "a-1", "data": {"a": 1, "a": 2}}') == [
        ("line 1", {"id": "a-1", "data": '{"a": 1, "a": 2}'})
    ]


def test_unknown_members_can_be_ignored() -> None:
    assert read('{"id": "a-1", "colour": "red"}', ignore_unknown=True) == [
        ("line 1", {"id": "a-1"})
    ]


def test_the_id_of_a_refused_row_is_told_where_there_is_one() -> None:
    lines = list(read_json(['{"id": "a-1", "x": 1}\n', '{"id": 7}\n', "rubbish\n"]))
    assert [line.device_id for line in lines] == ["a-1", None, None]


def test_an_object_over_many_lines_is_named_as_the_cause() -> None:
    with pytest.raises(Refused, match="an object over many lines"):
        read(msgspec.json.format('{"id": "a-1"}'))
