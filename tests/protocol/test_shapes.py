"""How lenient each type of a request member is (protocol, 1.7 and 7.1)."""

from datetime import UTC, datetime

import msgspec
import pytest

from devicehive.protocol.bodies import Body
from devicehive.protocol.refusals import Refused
from devicehive.protocol.shapes import (
    MOST_NESTED,
    NULL,
    Bool,
    Int,
    Long,
    Obj,
    Str,
    Timestamp,
    check_object,
    decode_member,
    depth,
    object_text,
)
from devicehive.protocol.timestamps import timestamp_text


class Members(Body):
    text: Str | None = None
    long: Long | None = None
    int: Int | None = None
    bool: Bool | None = None
    time: Timestamp | None = None
    object: Obj = NULL
    longs: list[Long] | None = None


def read(member: str, value: str) -> object:
    """The member as a handler gets it, from the JSON text of its value."""
    frame = f'{{"{member}": {value}}}'
    return getattr(msgspec.json.decode(frame, type=Members, dec_hook=decode_member), member)


def is_refused(member: str, value: str) -> bool:
    try:
        read(member, value)
    except msgspec.ValidationError:
        return True
    return False


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"lamp"', "lamp"),
        ('""', ""),
        ('" lamp "', " lamp "),
        ('"l\\u00e4mp \\ud83d\\ude00"', "lämp 😀"),
        ("999999", "999999"),
        ("-5", "-5"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1.5", "1.5"),
        ("true", "true"),
        ("false", "false"),
        ("null", None),
    ],
)
def test_text_is_a_string_or_the_text_of_a_primitive(value: str, text: str | None) -> None:
    assert read("text", value) == text


@pytest.mark.parametrize("value", ["{}", "[]", '["lamp"]', '"a\\u0000b"', '"\\u0000"'])
def test_what_is_no_text_is_malformed(value: str) -> None:
    assert is_refused("text", value)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("5", 5),
        ("-5", -5),
        ("0", 0),
        ('"12"', 12),
        ('"+12"', 12),
        ('"-12"', -12),
        ('"007"', 7),
        ("1e3", 1000),
        ("1.0", 1),
        ("null", None),
    ],
)
@pytest.mark.parametrize("member", ["long", "int"])
def test_a_number_is_whole_or_a_string_of_digits(
    member: str, value: str, number: int | None
) -> None:
    assert read(member, value) == number


@pytest.mark.parametrize(
    "value",
    [
        '""',
        '"abc"',
        '"1.0"',
        '"1e3"',
        '" 1"',
        '"1_000"',
        '"\\u0661"',  # a digit, but not one of JSON's
        "true",
        "false",
        "{}",
        "[]",
        "[1]",
        "1.5",
        "1e-3",
        "123456789012345678901234567890",
        '"123456789012345678901234567890"',
        "1e30",
    ],
)
@pytest.mark.parametrize("member", ["long", "int"])
def test_what_is_no_number_is_malformed(member: str, value: str) -> None:
    assert is_refused(member, value)


@pytest.mark.parametrize(("member", "bits"), [("long", 63), ("int", 31)])
def test_the_range_of_a_number(member: str, bits: int) -> None:
    assert read(member, str(2**bits - 1)) == 2**bits - 1
    assert read(member, f'"{-(2**bits)}"') == -(2**bits)
    assert is_refused(member, str(2**bits))
    assert is_refused(member, f'"{-(2**bits) - 1}"')


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        ("true", True),
        ("false", False),
        ('"true"', True),
        ('"TRUE"', True),
        ('"false"', False),
        ('"yes"', False),
        ('""', False),
        ("null", None),
    ],
)
def test_a_truth_value_is_a_boolean_or_any_string(value: str, truth: bool | None) -> None:
    assert read("bool", value) is truth


@pytest.mark.parametrize("value", ["0", "1", "1.0", "{}", "[]", "[true]"])
def test_what_is_no_truth_value_is_refused(value: str) -> None:
    assert is_refused("bool", value)


NEW_YEAR = datetime(2018, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ('"2018-01-01"', NEW_YEAR),
        ('"2018-01-01T00:00"', NEW_YEAR),
        ('"2018-01-01T00:00:00"', NEW_YEAR),
        ('"2018-01-01T00:00:00.000"', NEW_YEAR),
        ('"2018-01-01T00:00:00.000Z"', NEW_YEAR),
        ('"2018-01-01T00:00Z"', NEW_YEAR),
        ('"2018-01-01T02:30:00+02:30"', NEW_YEAR),
        ('"2017-12-31T22:00:00.0-0200"', NEW_YEAR),
        ('"2018-01-01T00:00:00.5"', NEW_YEAR.replace(microsecond=500_000)),
        ('"2018-01-01T00:00:00.123999999Z"', NEW_YEAR.replace(microsecond=123_000)),
        ('"Mon, 01 Jan 2018 00:00:00 GMT"', NEW_YEAR),
        ('"Mon, 1 Jan 2018 02:00:00 +0200"', NEW_YEAR),
        ('"1514764800000"', NEW_YEAR),
        ("1514764800000", NEW_YEAR),
        ("1.5147648e12", NEW_YEAR),
        ("1514764800001", NEW_YEAR.replace(microsecond=1000)),
        ("-1", datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ('"-1"', datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ('""', None),
        ("null", None),
    ],
)
def test_a_timestamp_is_iso_8601_rfc_1123_or_milliseconds(
    value: str, moment: datetime | None
) -> None:
    assert read("time", value) == moment


@pytest.mark.parametrize(
    "value",
    [
        '"2018-01-01 00:00:00"',
        '"2018-01-01T00"',
        '"2018-13-01"',
        '"2018-02-30T00:00"',
        '"2018-01-01T24:01"',
        '"2018-01-01Z"',
        '" 2018-01-01"',
        '"2018-01-01\\n"',
        '"20180101T000000"',
        '"0000-01-01"',
        '"9999-12-31T23:59:59-01:00"',
        '"2018-01-01T00:00:00+25:00"',
        '"1 Jan 18 0:0"',
        '"Mon, 32 Jan 2018 00:00:00 GMT"',
        '"yesterday"',
        '"+5"',
        '"1.5"',
        "1.5",
        "true",
        "{}",
        "[]",
        "123456789012345678901234567890",
        '"123456789012345678901234567890"',
    ],
)
def test_what_is_no_timestamp_is_malformed(value: str) -> None:
    assert is_refused("time", value)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NEW_YEAR, "2018-01-01T00:00:00.000"),
        (NEW_YEAR.replace(microsecond=120_999), "2018-01-01T00:00:00.120"),
        (datetime(9, 1, 1, tzinfo=UTC), "0009-01-01T00:00:00.000"),
        (datetime.fromisoformat("2018-01-01T02:00:00+02:00"), "2018-01-01T00:00:00.000"),
    ],
)
def test_a_timestamp_leaves_with_milliseconds_and_without_a_zone(
    moment: datetime, text: str
) -> None:
    assert timestamp_text(moment) == text


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"b": 1, "a": {"c": null}}',
        '{"n": 123456789012345678901234567890, "d": 0.10, "e": 1E+3}',
        '{"a": 1, "b": {"a": 2}}',
        '{"nul": "\\u0000"}',
    ],
)
def test_an_object_is_kept_as_it_was_sent(text: str) -> None:
    value = read("object", text)
    assert isinstance(value, msgspec.Raw)
    check_object(value)
    assert object_text(value) == text


@pytest.mark.parametrize("number", ["9" * 309, "-" + "9" * 309, "1e400", "-1E+309"])
@pytest.mark.parametrize("around", ['{"a": %s}', '{"a": [{"b": 1, "c": [%s]}]}'])
def test_no_number_that_clients_cannot_read(number: str, around: str) -> None:
    with pytest.raises(Refused, match="Malformed Json received"):
        check_object(msgspec.Raw((around % number).encode()))


def test_a_member_that_occurs_twice_is_kept_once() -> None:
    assert object_text(msgspec.Raw(b'{"a": 1, "b": 2.50, "a": 3}')) == '{"a": 3, "b": 2.50}'


def test_null_is_no_object() -> None:
    check_object(NULL)
    assert object_text(NULL) is None


@pytest.mark.parametrize("value", ['"text"', '"{}"', "5", "[]", "[{}]", "true"])
def test_what_must_be_an_object(value: str) -> None:
    with pytest.raises(Refused, match="'parameters' must be JSON Object!"):
        check_object(msgspec.Raw(value.encode()))


def test_how_deep_an_object_may_be() -> None:
    def nested(levels: int) -> msgspec.Raw:
        return msgspec.Raw(b'{"a":' * levels + b"1" + b"}" * levels)

    check_object(nested(MOST_NESTED))
    with pytest.raises(Refused, match="Malformed Json received"):
        check_object(nested(MOST_NESTED + 1))


def test_brackets_in_strings_are_not_nesting() -> None:
    assert depth(b'{"[[{\\"[": ["{", {"a": []}], "b": [[]]}') == 4


def test_many_brackets_side_by_side_are_allowed() -> None:
    check_object(msgspec.Raw(b'{"a": [' + b"[]," * MOST_NESTED + b"[]]}"))


def test_elements_of_a_list_are_as_lenient() -> None:
    assert read("longs", '[1, "2", 3.0]') == [1, 2, 3]
    assert read("longs", "null") is None


@pytest.mark.parametrize("value", ["1", '"1"', "{}", '["a"]', "[null]"])
def test_no_list_of_numbers(value: str) -> None:
    assert is_refused("longs", value)


def test_names_are_in_camel_case_and_unknown_ones_are_ignored() -> None:
    class Sample(Body):
        device_id: Str | None = None

    frame = '{"deviceId": "a", "device_id": "b", "more": [1]}'
    assert msgspec.json.decode(frame, type=Sample, dec_hook=decode_member).device_id == "a"
