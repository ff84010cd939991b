"""Numbers that commands take as arguments."""

from argparse import ArgumentTypeError

import pytest

from devices.management.numbers import integer, positive


@pytest.mark.parametrize("text", ["0", "-1", "inf", "nan"])
def test_what_is_not_positive(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"not more than 0: {text}"):
        positive(text)


def test_a_positive_number_may_have_a_fraction() -> None:
    assert positive("0.25") == 0.25


def test_the_bounds_of_a_whole_number_are_within_it() -> None:
    assert [integer(least=1, most=3)(text) for text in ("1", "3")] == [1, 3]
    assert integer(least=0)("100000") == 100_000


@pytest.mark.parametrize(
    ("text", "most", "why"), [("0", 3, "1 to 3"), ("4", 3, "1 to 3"), ("0", None, "1 or more")]
)
def test_a_whole_number_beyond_its_bounds(text: str, most: int | None, why: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"not {why}: {text}"):
        integer(least=1, most=most)(text)
