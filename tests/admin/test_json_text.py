"""Reformatting JSON text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.admin.json_text import compact, indented

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_indented_and_compact_undo_each_other(value: object) -> None:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    assert compact(indented(text)) == text


@given(JSON)
def test_looks_as_json_does(value: object) -> None:
    assert indented(json.dumps(value)) == json.dumps(value, indent=2)


@pytest.mark.parametrize(
    "number", ["1.10", "1E400", "-0", "123456789012345678901234567890", "1e-7"]
)
def test_numbers_stay_as_they_are(number: str) -> None:
    assert compact(indented(f'{{"n":{number}}}')) == f'{{"n":{number}}}'
