"""What every client must be able to read in a stored object (protocol, R-34 and R-35)."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devicehive.protocol.json_texts import is_readable, said_once


@pytest.mark.parametrize("around", ["%s", '{"a": %s}', '{"a": "\\"1", "b": [1, %s ]}'])
@pytest.mark.parametrize(
    ("number", "readable"),
    [
        ("9" * 308, True),
        ("-" + "9" * 308, True),
        ("9" * 309, False),
        ("-" + "9" * 309, False),
        ("9" * 5000, False),
        ("1e308", True),
        ("1E+309", False),
        ("-1e400", False),
        ("1e-400", True),
        ("1e0000009", True),
        ("9" * 309 + ".5", False),
        ("0." + "0" * 400 + "1e400", True),
        ("1" * 250 + "e50", True),
        ("1" * 250 + "e60", False),
        ("1." + "5" * 400, True),
        ('"' + "9" * 400 + '"', True),
        ('"\\"1e400, 1e400"', True),
    ],
)
def test_which_numbers_clients_can_read(around: str, number: str, readable: bool) -> None:
    assert is_readable((around % number).encode()) is readable


def is_finite(number: str) -> bool:
    whole = number.lstrip("-")
    return len(whole) <= 308 if whole.isdecimal() else math.isfinite(float(number))


@given(
    before=st.text(st.sampled_from(' "\\x1e'), max_size=120),
    whole=st.integers(1, 400).map(lambda digits: "7" * digits),
    rest=st.sampled_from(["", ".5", "e1", "E+99", "e100", "e308", "e-308", ".1e307"]),
)
def test_no_number_hides_between_others(before: str, whole: str, rest: str) -> None:
    text = json.dumps([before])[:-1] + f",{whole}{rest}]"
    assert is_readable(text.encode()) is is_finite(whole + rest)


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ('{"a":1,"a":2}', '{"a": 2}'),
        ('{"a": 1.50, "b": 2, "a": 1E+2}', '{"a": 1E+2, "b": 2}'),
        ('{"a": [{"b": 1, "b": "é"}]}', '{"a": [{"b": "\\u00e9"}]}'),
        ('{"a": 1, "\\u0061": 2}', '{"a": 2}'),
        ('{"a": ":", "a": "\\u003a"}', '{"a": ":"}'),
        ('{"a": "\\u003A", "b": 1, "b": 2}', '{"a": ":", "b": 2}'),
        ('{"": null, "": true}', '{"": true}'),
        ('{"a": 1E999, "a": 2}', '{"a": 2}'),
        ('{"a": 1, "a": %s}' % ("9" * 400), '{"a": %s}' % ("9" * 400)),
    ],
)
def test_a_repeated_member_is_said_once(text: str, once: str) -> None:
    assert said_once(text.encode()).decode() == once


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{ "a":1 }',
        '{"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]}',
        '{"a": 1, "A": 1, "á": ":::", "\\u003a": "\\u003a"}',
        '{"a": 1.50, "b": 1E400, "c": %s}' % ("9" * 5000),
    ],
)
def test_a_text_without_repetition_stays_as_it_is(text: str) -> None:
    assert said_once(text.encode()).decode() == text


KEYS = st.sampled_from(["a", "b", ":", "\u003a\\", '"', "é"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a:"\\é')),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(KEYS, inner), max_size=4),
    max_leaves=8,
)


def written(value: Any, ascii_only: bool) -> str:
    """JSON in which a list of pairs is an object, whose members may be repeated."""
    if isinstance(value, list) and value and all(isinstance(each, tuple) for each in value):
        members = (
            f"{json.dumps(k, ensure_ascii=ascii_only)}:{written(v, ascii_only)}" for k, v in value
        )
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(each, ascii_only) for each in value) + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


@given(members=st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=4), ascii_only=st.booleans())
def test_what_is_said_once_means_the_same(members: list[Any], ascii_only: bool) -> None:
    text = written(members, ascii_only)
    once = said_once(text.encode()).decode()
    assert json.loads(once) == json.loads(text)
    repeated: list[bool] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        repeated.append(len(dict(pairs)) != len(pairs))
        return dict(pairs)

    json.loads(text, object_pairs_hook=note)
    assert (once == text) is not any(repeated)
    repeated.clear()
    json.loads(once, object_pairs_hook=note)
    assert not any(repeated)
