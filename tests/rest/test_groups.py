"""/network and /devicetype: two resources alike (REST 2.5)."""

from typing import Any

import pytest

from devices.models import Device, DeviceType, Network, User
from tests.handlers.kinds import Kind
from tests.rest.client import DONE, FORBIDDEN, INVALID, NO_BODY, UNAUTHORIZED, Rest, refused, rest

INVALID_OBJECT = (
    "Error! Make sure, that the passed object is correct and properly structured. "
    "Validation failed: "
)


def not_found(kind: Kind, id_: int = 999999) -> tuple[int, Any]:
    return refused(404, f"{kind.noun} with id = {id_} not found")


def test_one_is_made_and_shown(alice_rest: Rest, kind: Kind) -> None:
    body = {"name": "Cellar", "description": "Cold", "key": "ignored"}
    status, created = alice_rest.post(kind.action, body)
    made = kind.model.objects.get(name="Cellar")
    assert (status, created) == (201, {"id": made.pk})
    shown = {"id": made.pk, "name": "Cellar", "description": "Cold"}
    assert alice_rest.get(f"{kind.action}/{made.pk}") == (200, shown | {"devices": []})
    assert shown in alice_rest.get(kind.action)[1]


def test_one_is_shown_with_its_devices(
    alice_rest: Rest, kind: Kind, group: Network | DeviceType, device: Device
) -> None:
    devices = [{"id": device.id, "name": "Lamp", "data": {"on": True}, "isBlocked": False}]
    assert alice_rest.get(f"{kind.action}/{group.pk}")[1]["devices"] == devices


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (None, NO_BODY),
        (
            {},
            refused(
                400,
                f"{INVALID_OBJECT}\nOn property name (value: null): name field cannot be null. ; ",
            ),
        ),
        ({"name": []}, INVALID),
        (5, INVALID),
    ],
)
def test_what_is_none_is_not_made(
    alice_rest: Rest, bob_rest: Rest, kind: Kind, body: Any, answer: Any
) -> None:
    assert alice_rest.post(kind.action, body) == answer
    assert bob_rest.post(kind.action, body) == FORBIDDEN


def test_a_name_is_taken_once(alice_rest: Rest, kind: Kind, group: Network | DeviceType) -> None:
    taken = refused(
        403, f"{kind.noun} cannot be created. {kind.noun} with such name already exists"
    )
    assert alice_rest.post(kind.action, {"name": kind.taken}) == taken
    assert alice_rest.put(f"{kind.action}/{group.pk}", {"name": kind.taken}) == taken


def test_one_is_changed(alice_rest: Rest, kind: Kind, group: Network | DeviceType) -> None:
    path = f"{kind.action}/{group.pk}"
    assert alice_rest.put(path, {"description": "New"}) == DONE
    group.refresh_from_db()
    assert group.description == "New"
    assert alice_rest.put(path) == alice_rest.put(path, {}) == DONE
    group.refresh_from_db()
    assert group.description == "New"


def test_one_that_is_unknown_is_so_before_its_body_is_judged(alice_rest: Rest, kind: Kind) -> None:
    path = f"{kind.action}/999999"
    body: Any
    for body in None, {}, {"name": "x"}, {"name": []}, [], "x", 5:
        assert alice_rest.put(path, body) == not_found(kind)
    for text in b"{", b"\xff":
        response = alice_rest.send("PUT", path, text)
        assert (response.status, response.content) == not_found(kind)
    assert alice_rest.get(path) == alice_rest.delete(path) == not_found(kind)


def test_one_with_devices_is_deleted_by_force(
    alice_rest: Rest, kind: Kind, group: Network | DeviceType, device: Device
) -> None:
    path = f"{kind.action}/{group.pk}"
    within = refused(
        400,
        f"There are the following devices within this {kind.noun.lower()}: {device.id}. "
        "Please review and delete them first.",
    )
    assert alice_rest.delete(path) == alice_rest.delete(path, force="yes") == within
    assert alice_rest.delete(path, force="True") == DONE
    assert not Device.objects.filter(id=device.id).exists()


def test_all_are_listed_and_counted(alice_rest: Rest, kind: Kind) -> None:
    names = [f"It {n:02}" for n in range(30)]
    kind.create(names)
    status, listed = alice_rest.get(kind.action, namePattern="It %")
    assert (status, [each["name"] for each in listed]) == (200, names)
    query = {"namePattern": "It %", "sortField": "NAME", "sortOrder": "desc", "take": 2, "skip": 1}
    assert [each["name"] for each in alice_rest.get(kind.action, **query)[1]] == names[-2:-4:-1]
    assert alice_rest.get(f"{kind.action}/count", namePattern="It %") == (200, {"count": 30})
    assert alice_rest.get(f"{kind.action}/count", name="It 03") == (200, {"count": 1})
    assert alice_rest.get(kind.action, sortField="x") == INVALID


def test_who_sees_which(
    bob: User, bob_rest: Rest, charlie_rest: Rest, nobody: Rest, network: Network
) -> None:
    assert [each["id"] for each in bob_rest.get("network")[1]] == [network.pk]
    assert bob_rest.get("network/count") == (200, {"count": 1})
    assert bob_rest.get("network/1") == FORBIDDEN
    assert charlie_rest.get("network") == (200, [])
    assert charlie_rest.get(f"network/{network.pk}") == FORBIDDEN
    assert rest(bob, n=None).get("network") == (200, [])
    assert rest(bob, a=(3,)).get("network") == FORBIDDEN
    assert nobody.get("network") == UNAUTHORIZED
