"""network/list and devicetype/list: filters, order and pages (protocol, 5.8.1, 5.9, 7.3 to 7.5).

Who sees which is in test_network_list.py and test_devicetype_list.py.
"""

from typing import Any

import pytest

from devices.models import User
from tests.conftest import Connection, connected, refused
from tests.handlers.kinds import OTHER, Kind


def names(connection: Connection, kind: Kind, **members: Any) -> list[str]:
    answer = connection.ask(f"{kind}/list", **members)
    assert answer["status"] == "success", answer
    return [each["name"] for each in answer[kind.members]]


@pytest.fixture
def abc(db: None, kind: Kind) -> None:
    """Three, named out of order."""
    kind.create(("b-1", "c_1", "a-1"))


def test_anonymous_may_not_list(anonymous: Connection, kind: Kind) -> None:
    assert anonymous.ask(f"{kind}/list") == refused(f"{kind}/list", 401, "Unauthorized")


def test_the_permission_to_read_is_needed(alice: User, kind: Kind) -> None:
    answer = connected(alice, a=(kind.manages, OTHER[kind].reads)).ask(f"{kind}/list")
    assert answer == refused(f"{kind}/list", 403, "Access is denied")


# --- Filters -------------------------------------------------------------------------------


def test_name_is_the_whole_name(as_alice: Connection, kind: Kind, abc: None) -> None:
    assert names(as_alice, kind, name="a-1") == ["a-1"]
    assert names(as_alice, kind, name="a") == []
    assert names(as_alice, kind, name="A-1") == []


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("%-1", ["b-1", "a-1"]),
        ("a%", ["a-1"]),
        ("_-1", ["b-1", "a-1"]),
        (r"_\_1", ["c_1"]),
        ("A%", []),
        ("a", []),
        ("", []),
        ("*", []),
        ("[ab]-1", []),
    ],
)
def test_name_pattern_is_like(
    as_alice: Connection, kind: Kind, abc: None, pattern: str, found: list[str]
) -> None:
    assert names(as_alice, kind, namePattern=pattern) == found


def test_name_and_pattern_must_both_match(as_alice: Connection, kind: Kind, abc: None) -> None:
    assert names(as_alice, kind, name="a-1", namePattern="a%") == ["a-1"]
    assert names(as_alice, kind, name="a-1", namePattern="b%") == []


# --- Order ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "order"),
    [
        ({}, ["b-1", "c_1", "a-1"]),
        ({"sortOrder": "DESC"}, ["b-1", "c_1", "a-1"]),
        ({"sortField": "id"}, ["b-1", "c_1", "a-1"]),
        ({"sortField": "ID", "sortOrder": "desc"}, ["a-1", "c_1", "b-1"]),
        ({"sortField": "name"}, ["a-1", "b-1", "c_1"]),
        ({"sortField": "Name", "sortOrder": "asc"}, ["a-1", "b-1", "c_1"]),
        ({"sortField": "name", "sortOrder": "DESC"}, ["c_1", "b-1", "a-1"]),
    ],
)
def test_a_list_is_sorted_by_id_or_name(
    as_alice: Connection, kind: Kind, abc: None, members: dict[str, str], order: list[str]
) -> None:
    assert names(as_alice, kind, namePattern="__1", **members) == order


def test_names_sort_by_code_point(as_alice: Connection, kind: Kind) -> None:
    kind.create(("x é", "x a", "x B", "x _"))
    found = names(as_alice, kind, namePattern="x%", sortField="name")
    assert found == ["x B", "x _", "x a", "x é"]


def test_an_unknown_sort_field_is_refused(as_charlie: Connection, kind: Kind) -> None:
    answer = as_charlie.ask(f"{kind}/list", sortField="description")
    assert answer == refused(f"{kind}/list", 400, "Invalid request parameters")


def test_an_unknown_sort_order_is_refused(as_alice: Connection, kind: Kind) -> None:
    answer = as_alice.ask(f"{kind}/list", sortField="name", sortOrder="up")
    assert answer == refused(f"{kind}/list", 400, "Unparseable sort order : up")


def test_the_sort_field_is_looked_at_first(as_alice: Connection, kind: Kind) -> None:
    answer = as_alice.ask(f"{kind}/list", sortField="description", sortOrder="up")
    assert answer == refused(f"{kind}/list", 400, "Invalid request parameters")


# --- Pages ---------------------------------------------------------------------------------


@pytest.fixture
def thirty(db: None, kind: Kind) -> list[str]:
    numbered = [f"n{number:02}" for number in range(30)]
    kind.create(numbered)
    return numbered


def test_a_page_has_twenty(as_alice: Connection, kind: Kind, thirty: list[str]) -> None:
    assert names(as_alice, kind, namePattern="n__") == thirty[:20]


def test_skip_and_take(as_alice: Connection, kind: Kind, thirty: list[str]) -> None:
    assert names(as_alice, kind, namePattern="n__", skip=5, take="2") == ["n05", "n06"]
    assert names(as_alice, kind, namePattern="n__", take=10000) == thirty
    assert names(as_alice, kind, namePattern="n__", skip=30) == []
    assert names(as_alice, kind, take=0) == []


@pytest.mark.parametrize("member", ["skip", "take"])
def test_negative_numbers_are_refused(as_alice: Connection, kind: Kind, member: str) -> None:
    answer = as_alice.ask(f"{kind}/list", **{member: -1})
    assert answer == refused(f"{kind}/list", 400, "Invalid request parameters")


@pytest.mark.parametrize("members", [{"take": "all"}, {"skip": 1.5}, {"name": {}}])
def test_members_of_other_types_are_malformed(
    as_alice: Connection, kind: Kind, members: dict[str, Any]
) -> None:
    answer = as_alice.ask(f"{kind}/list", **members)
    assert answer == refused(f"{kind}/list", 400, "Malformed Json received.")


def test_a_pattern_is_sorted_and_cut(as_alice: Connection, kind: Kind, abc: None) -> None:
    last = {"sortField": "name", "sortOrder": "DESC", "skip": 1, "take": 1}
    assert names(as_alice, kind, namePattern="__1", **last) == ["b-1"]
