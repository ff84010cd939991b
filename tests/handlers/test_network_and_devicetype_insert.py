"""network/insert and devicetype/insert, by the same tests (protocol, 5.8.3 and 5.9)."""

import pytest

from devices.models import User
from tests.conftest import Connection, connected, refused, success
from tests.handlers.kinds import OTHER, Kind

INVALID = (
    "Error! Make sure, that the passed object is correct and properly structured. "
    "Validation failed: "
)
NO_NAME = "\nOn property name (value: null): name field cannot be null. ; "
LENGTH = "Field cannot be empty. The length of name should not be more than 128 symbols."
LONG_DESCRIPTION = (
    f"\nOn property description (value: {'d' * 129}): "
    "The length of description should not be more than 128 symbols. ; "
)


def test_it_answers_the_id(as_alice: Connection, kind: Kind) -> None:
    given = {"name": "Barn", "description": "Old"}
    answer = as_alice.ask(f"{kind}/insert", **kind.body(given))
    inserted = kind.model.objects.get(name="Barn")
    assert answer == success(f"{kind}/insert", **kind.body({"id": inserted.id}))
    assert inserted.description == "Old"


def test_it_belongs_to_nobody_not_even_the_creator(as_alice: Connection, kind: Kind) -> None:
    as_alice.ask(f"{kind}/insert", **kind.body({"name": "Barn"}))
    assert not kind.model.objects.get(name="Barn").users.exists()


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"name": "n"}, ("n", None)),
        ({"name": "n", "description": None, "id": None}, ("n", None)),
        ({"name": "n", "description": ""}, ("n", "")),
        ({"name": "n" * 128, "description": "d" * 128}, ("n" * 128, "d" * 128)),
        ({"name": "ü" * 128}, ("ü" * 128, None)),
        ({"name": 5, "description": True}, ("5", "true")),
        ({"name": "n", "key": "old clients", "devices": 1}, ("n", None)),
    ],
)
def test_name_and_description_are_stored(
    as_alice: Connection, kind: Kind, given: dict[str, object], stored: tuple[str, str | None]
) -> None:
    created = as_alice.ask(f"{kind}/insert", **kind.body(given))[kind.member]
    inserted = kind.model.objects.get(id=created["id"])
    assert (inserted.name, inserted.description) == stored


def test_anonymous_may_not_insert(anonymous: Connection, kind: Kind) -> None:
    answer = anonymous.ask(f"{kind}/insert", **kind.body({"name": "Barn"}))
    assert answer == refused(f"{kind}/insert", 401, "Unauthorized")


def test_charlie_may_not_insert(as_charlie: Connection, kind: Kind) -> None:
    answer = as_charlie.ask(f"{kind}/insert", **kind.body({"name": "Barn"}))
    assert answer == refused(f"{kind}/insert", 403, "Access is denied")
    assert not kind.model.objects.filter(name="Barn").exists()


def test_the_permission_to_manage_is_needed(alice: User, kind: Kind) -> None:
    without = connected(alice, a=(kind.reads, OTHER[kind].manages))
    answer = without.ask(f"{kind}/insert", **kind.body({"name": "Barn"}))
    assert answer == refused(f"{kind}/insert", 403, "Access is denied")


def test_a_restricted_administrator_may_insert(alice: User, kind: Kind) -> None:
    restricted = connected(alice, n=("1",), dt=("1",))
    answer = restricted.ask(f"{kind}/insert", **kind.body({"name": "Barn"}))
    assert answer["status"] == "success"


@pytest.mark.parametrize("given", ["Barn", 5, [], {"name": []}, {"name": "n", "id": "x"}])
def test_a_body_of_another_type_is_malformed(
    as_alice: Connection, kind: Kind, given: object
) -> None:
    answer = as_alice.ask(f"{kind}/insert", **kind.body(given))
    assert answer == refused(f"{kind}/insert", 400, "Malformed Json received.")


@pytest.mark.parametrize("is_null", [True, False])
def test_a_body_is_required(as_alice: Connection, kind: Kind, is_null: bool) -> None:
    answer = as_alice.ask(f"{kind}/insert", **(kind.body(None) if is_null else {}))
    assert answer == refused(f"{kind}/insert", 400, f"{kind.noun} is required")


@pytest.mark.parametrize(
    ("given", "violations"),
    [
        ({}, NO_NAME),
        ({"name": None, "id": 7}, NO_NAME),
        ({"name": ""}, f"\nOn property name (value: ): {LENGTH} ; "),
        ({"name": "n" * 129}, f"\nOn property name (value: {'n' * 129}): {LENGTH} ; "),
        ({"name": "n", "description": "d" * 129, "id": 7}, LONG_DESCRIPTION),
        ({"description": "d" * 129}, NO_NAME + LONG_DESCRIPTION),
        (
            {"name": "", "description": "d" * 129},
            f"\nOn property name (value: ): {LENGTH} ; " + LONG_DESCRIPTION,
        ),
    ],
)
def test_lengths_out_of_bounds_are_refused_in_one_text(
    as_alice: Connection, kind: Kind, given: dict[str, object], violations: str
) -> None:
    answer = as_alice.ask(f"{kind}/insert", **kind.body(given))
    assert answer == refused(f"{kind}/insert", 400, INVALID + violations)


def test_an_id_is_refused_even_before_a_name_that_is_taken(
    as_alice: Connection, kind: Kind
) -> None:
    answer = as_alice.ask(f"{kind}/insert", **kind.body({"id": 99, "name": kind.taken}))
    text = "Invalid request parameters. Id cannot be specified."
    assert answer == refused(f"{kind}/insert", 400, text)
    assert not kind.model.objects.filter(id=99).exists()


def test_names_are_unique(as_alice: Connection, kind: Kind) -> None:
    answer = as_alice.ask(f"{kind}/insert", **kind.body({"name": kind.taken}))
    text = f"{kind.noun} cannot be created. {kind.noun} with such name already exists"
    assert answer == refused(f"{kind}/insert", 403, text)


def test_names_differ_by_case(as_alice: Connection, kind: Kind) -> None:
    answer = as_alice.ask(f"{kind}/insert", **kind.body({"name": kind.taken.lower()}))
    assert answer["status"] == "success"
