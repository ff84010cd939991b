"""network/delete and devicetype/delete, by the same tests (protocol, 5.8.5 and 5.9)."""

import pytest

from devices.models import Device, DeviceType, Network, User
from tests.conftest import Connection, connected, refused, success
from tests.handlers.kinds import OTHER, Kind

Group = Network | DeviceType


def test_one_without_devices_is_deleted(as_alice: Connection, kind: Kind, group: Group) -> None:
    answer = as_alice.ask(f"{kind}/delete", **kind.id(group.id))
    assert answer == success(f"{kind}/delete")
    assert not kind.model.objects.filter(id=group.id).exists()


def test_memberships_and_assignments_go_with_it_and_users_stay(
    as_alice: Connection, bob: User, kind: Kind, group: Group
) -> None:
    group.users.add(bob)
    as_alice.ask(f"{kind}/delete", **kind.id(group.id))
    assert not kind.model.objects.filter(users=bob).exists()
    assert User.objects.filter(pk=bob.pk).exists()


def test_anonymous_may_not_delete(anonymous: Connection, kind: Kind) -> None:
    answer = anonymous.ask(f"{kind}/delete", **kind.id(1), force=True)
    assert answer == refused(f"{kind}/delete", 401, "Unauthorized")


def test_a_client_may_not_delete(as_bob: Connection, kind: Kind, group: Group) -> None:
    answer = as_bob.ask(f"{kind}/delete", **kind.id(group.id))
    assert answer == refused(f"{kind}/delete", 403, "Access is denied")
    assert kind.model.objects.filter(id=group.id).exists()


def test_charlie_may_not_delete(as_charlie: Connection, kind: Kind) -> None:
    answer = as_charlie.ask(f"{kind}/delete", **kind.id(1), force=True)
    assert answer == refused(f"{kind}/delete", 403, "Access is denied")


def test_the_permission_to_manage_is_needed(alice: User, kind: Kind) -> None:
    without = connected(alice, a=(kind.reads, OTHER[kind].manages))
    answer = without.ask(f"{kind}/delete", **kind.id(1), force=True)
    assert answer == refused(f"{kind}/delete", 403, "Access is denied")


def test_a_restricted_administrator_may_not_delete_elsewhere(
    alice: User, kind: Kind, group: Group
) -> None:
    answer = kind.limited(alice, 1).ask(f"{kind}/delete", **kind.id(group.id))
    assert answer == refused(f"{kind}/delete", 403, "Access is denied")


@pytest.mark.parametrize("is_null", [True, False])
def test_an_id_is_required(as_alice: Connection, kind: Kind, is_null: bool) -> None:
    members = {**kind.id(None), "id": 1} if is_null else {}
    answer = as_alice.ask(f"{kind}/delete", **members)
    assert answer == refused(f"{kind}/delete", 400, f"{kind.noun} id is wrong or empty")


@pytest.mark.parametrize("force", [1, [], {}])
def test_force_of_another_type_is_malformed(
    as_alice: Connection, kind: Kind, force: object
) -> None:
    answer = as_alice.ask(f"{kind}/delete", **kind.id(1), force=force)
    assert answer == refused(f"{kind}/delete", 400, "Malformed Json received.")


@pytest.mark.parametrize("members", [{}, {"force": False}, {"force": None}, {"force": "no"}])
def test_one_with_devices_stays_and_they_are_named(
    as_alice: Connection, device: Device, kind: Kind, group: Group, members: dict[str, object]
) -> None:
    elsewhere = {"network_id": 1, "device_type_id": 1}
    within = elsewhere | {f"{kind.fixture}_id": group.id}
    Device.objects.create(id="a-fan", name="Fan", **within)
    answer = as_alice.ask(f"{kind}/delete", **kind.id(group.id), **members)
    text = (
        f"There are the following devices within this {kind.noun.lower()}: a-fan, bobs-lamp. "
        "Please review and delete them first."
    )
    assert answer == refused(f"{kind}/delete", 400, text)
    assert kind.model.objects.filter(id=group.id).exists()


def test_one_with_devices_that_the_caller_cannot_see_stays(
    alice: User, device: Device, kind: Kind, group: Group
) -> None:
    answer = OTHER[kind].limited(alice, 1).ask(f"{kind}/delete", **kind.id(group.id))
    assert answer["code"] == 400
    assert "bobs-lamp" not in answer["error"]


@pytest.mark.parametrize("force", [True, "true"])
def test_force_deletes_its_devices_and_no_others(
    as_alice: Connection, device: Device, kind: Kind, group: Group, force: object
) -> None:
    answer = as_alice.ask(f"{kind}/delete", **kind.id(group.id), force=force)
    assert answer == success(f"{kind}/delete")
    assert [each.name for each in Device.objects.all()] == ["Sample Device"]


@pytest.mark.parametrize("force", [False, True])
def test_what_is_deleted_must_exist(as_alice: Connection, kind: Kind, force: bool) -> None:
    answer = as_alice.ask(f"{kind}/delete", **kind.id(999), force=force)
    assert answer == refused(f"{kind}/delete", 404, f"{kind.noun} with id = 999 not found")
