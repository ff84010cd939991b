"""network/update and devicetype/update, by the same tests (protocol, 5.8.4 and 5.9)."""

import pytest

from devices.models import DeviceType, Network, User
from tests.conftest import Connection, connected, refused, success
from tests.handlers.kinds import OTHER, Kind

INVALID = (
    "Error! Make sure, that the passed object is correct and properly structured. "
    "Validation failed: "
)
LENGTH = "Field cannot be empty. The length of name should not be more than 128 symbols."
LONG_DESCRIPTION = (
    f"\nOn property description (value: {'d' * 129}): "
    "The length of description should not be more than 128 symbols. ; "
)
Group = Network | DeviceType


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"name": "Barn"}, ("Barn", "Old")),
        ({"description": "New"}, ("Shed", "New")),
        ({"name": "Barn", "description": "New"}, ("Barn", "New")),
        ({}, ("Shed", "Old")),
        ({"name": None, "description": None}, ("Shed", "Old")),
        ({"description": ""}, ("Shed", "")),
        ({"name": "Shed"}, ("Shed", "Old")),
        ({"id": "ignored", "name": "Barn", "devices": []}, ("Barn", "Old")),
    ],
)
def test_what_is_given_changes(
    as_alice: Connection, kind: Kind, given: dict[str, object], stored: tuple[str, str]
) -> None:
    shed = kind.model.objects.create(name="Shed", description="Old")
    answer = as_alice.ask(f"{kind}/update", **kind.id(shed.id), **kind.body(given))
    assert answer == success(f"{kind}/update")
    shed.refresh_from_db()
    assert (shed.name, shed.description) == stored


def test_anonymous_may_not_update(anonymous: Connection, kind: Kind) -> None:
    answer = anonymous.ask(f"{kind}/update", **kind.id(1), **kind.body({"name": "Barn"}))
    assert answer == refused(f"{kind}/update", 401, "Unauthorized")


def test_a_client_may_not_update(as_bob: Connection, kind: Kind, group: Group) -> None:
    before = group.name
    answer = as_bob.ask(f"{kind}/update", **kind.id(group.id), **kind.body({"name": "Barn"}))
    assert answer == refused(f"{kind}/update", 403, "Access is denied")
    group.refresh_from_db()
    assert group.name == before


def test_charlie_may_not_update(as_charlie: Connection, kind: Kind) -> None:
    answer = as_charlie.ask(f"{kind}/update", **kind.id(1), **kind.body({"name": "Barn"}))
    assert answer == refused(f"{kind}/update", 403, "Access is denied")


def test_the_permission_to_manage_is_needed(alice: User, kind: Kind) -> None:
    without = connected(alice, a=(kind.reads, OTHER[kind].manages))
    answer = without.ask(f"{kind}/update", **kind.id(1), **kind.body({}))
    assert answer == refused(f"{kind}/update", 403, "Access is denied")


def test_a_restricted_administrator_may_not_update_elsewhere(
    alice: User, kind: Kind, group: Group
) -> None:
    restricted = kind.limited(alice, 1)
    answer = restricted.ask(f"{kind}/update", **kind.id(1), **kind.body({}))
    assert answer == success(f"{kind}/update")
    answer = restricted.ask(f"{kind}/update", **kind.id(group.id), **kind.body({"name": "Barn"}))
    assert answer == refused(f"{kind}/update", 403, "Access is denied")


def test_a_manager_need_not_be_a_member(charlie: User, kind: Kind, group: Group) -> None:
    manager = kind.limited(charlie, group.id, a=(kind.manages,))
    answer = manager.ask(f"{kind}/update", **kind.id(group.id), **kind.body({"name": "Barn"}))
    assert answer == success(f"{kind}/update")


@pytest.mark.parametrize("given", ["Barn", 5, [], {"name": []}, {"description": {}}])
def test_a_body_of_another_type_is_malformed(
    as_alice: Connection, kind: Kind, given: object
) -> None:
    answer = as_alice.ask(f"{kind}/update", **kind.body(given))
    assert answer == refused(f"{kind}/update", 400, "Malformed Json received.")


def test_an_id_is_required(as_alice: Connection, kind: Kind) -> None:
    answer = as_alice.ask(f"{kind}/update", id=1)
    assert answer == refused(f"{kind}/update", 400, f"{kind.noun} id is wrong or empty")


def test_what_is_updated_must_exist(as_alice: Connection, kind: Kind) -> None:
    # The body is missing too: existence is looked at first.
    answer = as_alice.ask(f"{kind}/update", **kind.id(999))
    assert answer == refused(f"{kind}/update", 404, f"{kind.noun} with id = 999 not found")


@pytest.mark.parametrize("is_null", [True, False])
def test_a_body_is_required(as_alice: Connection, kind: Kind, is_null: bool) -> None:
    body = kind.body(None) if is_null else {}
    answer = as_alice.ask(f"{kind}/update", **kind.id(1), **body)
    assert answer == refused(f"{kind}/update", 400, f"{kind.noun} is required")


@pytest.mark.parametrize(
    ("given", "violations"),
    [
        ({"name": ""}, f"\nOn property name (value: ): {LENGTH} ; "),
        ({"name": "n" * 129}, f"\nOn property name (value: {'n' * 129}): {LENGTH} ; "),
        ({"description": "d" * 129}, LONG_DESCRIPTION),
    ],
)
def test_lengths_out_of_bounds_are_refused(
    as_alice: Connection, kind: Kind, given: dict[str, object], violations: str
) -> None:
    answer = as_alice.ask(f"{kind}/update", **kind.id(1), **kind.body(given))
    assert answer == refused(f"{kind}/update", 400, INVALID + violations)


def test_names_stay_unique(as_alice: Connection, kind: Kind, group: Group) -> None:
    before = group.name
    answer = as_alice.ask(f"{kind}/update", **kind.id(group.id), **kind.body({"name": kind.taken}))
    text = f"{kind.noun} cannot be created. {kind.noun} with such name already exists"
    assert answer == refused(f"{kind}/update", 403, text)
    group.refresh_from_db()
    assert group.name == before
