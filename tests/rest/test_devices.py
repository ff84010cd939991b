"""/device (REST 2.4)."""

from typing import Any

import pytest

from devicehive.protocol.attendance import Heard, attendance
from devices.models import Device, DeviceType, Network, Notification, User
from tests.rest.client import DONE, FORBIDDEN, INVALID, UNAUTHORIZED, Rest, refused, rest

CHARACTERS = refused(400, "Device Id can only contain letters, digits and dashes.")
NO_DEVICE = refused(400, "Error! Validation failed: \nObject is null")


def not_found(device_id: str) -> tuple[int, Any]:
    return refused(404, f"Device with such deviceId = {device_id} not found")


def shown(device: Device) -> dict[str, Any]:
    return {
        "id": device.id,
        "name": device.name,
        "data": {"on": True},
        "networkId": device.network_id,
        "deviceTypeId": device.device_type_id,
        "isBlocked": False,
    }


# --- PUT ---------------------------------------------------------------------------------------


def test_a_device_is_registered_and_shown(bob_rest: Rest, network: Network) -> None:
    assert bob_rest.put("device/lamp-1", {"name": "Lamp", "data": {"on": True}}) == DONE
    device = Device.objects.get(id="lamp-1")
    assert (device.id, device.network_id, device.data) == ("lamp-1", network.pk, '{"on": true}')
    assert bob_rest.get("device/lamp-1") == (200, shown(device))


def test_data_is_stored_as_it_was_sent(bob_rest: Rest) -> None:
    body = b'{"name":"Lamp","data":{"z":1e2,"a":0.10,"big":123456789012345678901234567890}}'
    assert bob_rest.send("PUT", "device/lamp-1", body).status == 204
    answer = bob_rest.send("GET", "device/lamp-1").body
    assert b'"data":{"z":1e2,"a":0.10,"big":123456789012345678901234567890}' in answer


def test_an_update_clears_data_and_keeps_the_rest(bob_rest: Rest, device: Device) -> None:
    assert bob_rest.put(f"device/{device.id}", {"isBlocked": True}) == DONE
    device.refresh_from_db()
    assert (device.name, device.data, device.is_blocked) == ("Lamp", None, True)
    assert Notification.objects.get().notification == "$device-update"


@pytest.mark.parametrize("device_id", ["la,mp", "$lamp", "la_mp", "lamp!", "*", "la&mp", "l%2Camp"])
@pytest.mark.parametrize("body", [None, {"name": "Lamp"}, {"name": []}, 5])
def test_an_id_has_letters_digits_and_dashes_whatever_the_body(
    bob_rest: Rest, device_id: str, body: Any
) -> None:
    assert bob_rest.put(f"device/{device_id}", body) == CHARACTERS


@pytest.mark.parametrize("body", [b"", b" \n", b"null"])
def test_without_a_body_there_is_no_device(bob_rest: Rest, body: bytes) -> None:
    response = bob_rest.send("PUT", "device/lamp-1", body)
    assert (response.status, response.content) == NO_DEVICE
    assert not Device.objects.filter(network__name="bob's network").exists()


@pytest.mark.parametrize(
    "body", [5, "x", [], {"networkId": "invalid"}, {"name": []}, {"networkId": 999999}]
)
def test_what_does_not_fit_is_refused(bob_rest: Rest, body: Any) -> None:
    new = {"name": "Lamp"} | body if isinstance(body, dict) else body
    assert bob_rest.put("device/lamp-1", new) == INVALID
    assert not Device.objects.filter(network__name="bob's network").exists()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'name': 'Lamp'}",
        b"\xff",
        b'{"name": "Lamp"} x',
        b'{"name": "\xff"}',
        b'{"name": "Lamp", "data": {"on": "\xff"}}',
    ],
)
def test_what_is_no_json_is_refused(bob_rest: Rest, body: bytes) -> None:
    response = bob_rest.send("PUT", "device/lamp-1", body)
    assert (response.status, response.content) == INVALID


def test_numbers_may_be_texts_and_texts_numbers(bob_rest: Rest, network: Network) -> None:
    assert bob_rest.put("device/lamp-1", {"name": 5, "networkId": str(network.pk)}) == DONE
    assert Device.objects.get(id="lamp-1").name == "5"


def test_a_new_device_needs_a_name(bob_rest: Rest) -> None:
    assert bob_rest.put("device/lamp-1", {}) == refused(400, "name field cannot be null.")


def test_who_is_in_no_network_may_not(charlie_rest: Rest) -> None:
    body = {"name": "Lamp"}
    assert charlie_rest.put("device/lamp-1", body) == refused(403, "No access to network!")


# --- GET, DELETE -------------------------------------------------------------------------------


def test_who_sees_a_device(
    alice_rest: Rest, charlie_rest: Rest, nobody: Rest, bob: User, device: Device
) -> None:
    assert alice_rest.get("device/bobs-lamp") == (200, shown(device))
    assert charlie_rest.get("device/bobs-lamp") == FORBIDDEN
    assert rest(bob, a=(2,)).get("device/bobs-lamp") == FORBIDDEN
    assert rest(bob, n=("*",), dt=("*",)).get("device/nothing") == not_found("nothing")
    assert alice_rest.get("device/nothing") == not_found("nothing")
    assert nobody.get("device/nothing") == UNAUTHORIZED


def test_an_id_is_decoded_and_looked_up_as_it_is(alice_rest: Rest, device: Device) -> None:
    assert alice_rest.get("device/bobs%2Dlamp") == (200, shown(device))
    assert alice_rest.get("device/a%2Cb%2Fc") == not_found("a,b/c")


def test_a_device_is_deleted(bob_rest: Rest, charlie_rest: Rest, device: Device) -> None:
    assert charlie_rest.delete("device/bobs-lamp") == FORBIDDEN
    assert bob_rest.delete("device/bobs-lamp") == DONE
    assert not Device.objects.filter(network__name="bob's network").exists()
    assert bob_rest.delete("device/bobs-lamp") == FORBIDDEN


# --- Lists -------------------------------------------------------------------------------------


@pytest.fixture
def _many(network: Network, device_type: DeviceType) -> None:
    """Thirty devices, more than a page of the WebSocket."""
    Device.objects.bulk_create(
        Device(id=f"lamp-{n:02}", name=f"Lamp {n % 3}", network=network, device_type=device_type)
        for n in range(30)
    )


def ids(rest: Rest, **query: Any) -> list[str]:
    status, devices = rest.get("device", **query)
    assert status == 200, devices
    return [device["id"] for device in devices]


@pytest.mark.usefixtures("_many")
def test_all_devices_are_listed(bob_rest: Rest, charlie_rest: Rest) -> None:
    assert ids(bob_rest) == [f"lamp-{n:02}" for n in range(30)]
    assert ids(bob_rest, take=2, skip=1) == ["lamp-01", "lamp-02"]
    assert ids(bob_rest, take=0) == ids(charlie_rest) == []
    assert bob_rest.get("device/count") == (200, {"count": 30})
    assert charlie_rest.get("device/count") == (200, {"count": 0})


@pytest.mark.usefixtures("_many")
def test_devices_are_filtered(bob_rest: Rest, network: Network) -> None:
    assert ids(bob_rest, name="Lamp 1", take=1) == ["lamp-01"]
    assert len(ids(bob_rest, namePattern="%1")) == 10
    assert len(ids(bob_rest, networkId=network.pk, networkName="bob's network")) == 30
    assert bob_rest.get("device/count", name="Lamp 1") == (200, {"count": 10})


@pytest.mark.parametrize(
    ("field", "order", "expected"),
    [
        ("Network", "ASC", ["b", "a"]),
        ("network", "desc", ["a", "b"]),
        ("DeviceType", "ASC", ["a", "b"]),
        ("devicetype", "DESC", ["b", "a"]),
        ("Name", "ASC", ["b", "a"]),
        ("Status", "ASC", ["a", "b"]),
    ],
)
def test_devices_are_sorted_by_names(
    alice_rest: Rest, field: str, order: str, expected: list[str]
) -> None:
    for id_, name, network, kind in ("a", "2", "Z", "A"), ("b", "1", "Y", "B"):
        Device.objects.create(
            id=id_,
            name=name,
            network=Network.objects.create(name=network),
            device_type=DeviceType.objects.create(name=kind),
        )
    listed = ids(alice_rest, sortField=field, sortOrder=order)
    assert [id_ for id_ in listed if id_ in expected] == expected


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"take": -1}, INVALID),
        ({"take": "x"}, INVALID),
        ({"skip": -1}, INVALID),
        ({"networkId": "x"}, INVALID),
        ({"sortField": "id_"}, INVALID),
        ({"sortOrder": "up"}, refused(400, "Unparseable sort order : up")),
    ],
)
def test_what_a_list_refuses(bob_rest: Rest, query: dict[str, Any], answer: Any) -> None:
    assert bob_rest.get("device", **query) == answer


def test_of_who_saved_nothing_is_kept_of_the_request(
    bob: User, bob_rest: Rest, device: Device
) -> None:
    """Kept until it is written down, requests cost each garbage collection, and their memory."""
    assert bob_rest.put(f"device/{device.id}", {"name": "New"}) == (204, None)
    spoken = attendance.take().heard[device.id]
    assert (type(spoken), spoken.address) == (Heard, "127.0.0.1")
    assert spoken.principal is not None
    assert spoken.principal.user_id == bob.pk
