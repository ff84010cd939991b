"""Reach says of many requests at once what the gate and `visible_to` say of one."""

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devicehive.protocol.actions import Envelope
from devicehive.protocol.permissions import CLIENT, Principal
from devicehive.protocol.refusals import Refused
from devices.handlers import gate
from devices.models import Device, DeviceType, Network, User
from devices.services import devices
from devices.services.reach import Reach

IDS = ["a1", "a2", "b1", "b2", "nothing"]


@dataclass(frozen=True)
class Request:
    principal: Principal
    device_id: str


@pytest.fixture
def grid(alice: User, bob: User, charlie: User, network: Network) -> None:
    """A device of each of two types in each of two networks: a is bob's, b is charlie's."""
    other = Network.objects.create(name="charlie's")
    charlie.networks.add(other)
    types = DeviceType.objects.order_by("id")[:2]
    for (letter, group), (digit, kind) in product(
        (("a", network), ("b", other)), zip("12", types, strict=True)
    ):
        Device.objects.create(id=letter + digit, name="x", network=group, device_type=kind)


def outcome(call: object) -> tuple[int, str] | None:
    """How it is refused, if it is."""
    try:
        call()  # type: ignore[operator]
    except Refused as refused:
        return refused.code, refused.text
    return None


def alone(request: Request) -> None:
    gate.device(request.principal, Envelope(device_id=request.device_id))
    devices.get(request.principal, request.device_id)


@st.composite
def principals(draw: st.DrawFn) -> Principal:
    user = User.objects.get(login=draw(st.sampled_from(["alice", "bob", "charlie"])))
    networks = [*Network.objects.values_list("id", flat=True), 999]
    types = [*DeviceType.objects.order_by("id").values_list("id", flat=True)[:2], 999]
    listed_networks = draw(st.none() | st.frozensets(st.sampled_from(networks)))
    listed_types = draw(st.none() | st.frozensets(st.sampled_from(types)))
    return Principal(
        user_id=user.pk,
        is_admin=user.is_admin,
        permissions=CLIENT,
        all_networks=listed_networks is None and draw(st.booleans()),
        network_ids=listed_networks,
        all_device_types=listed_types is None and draw(st.booleans()),
        device_type_ids=listed_types,
    )


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_together_as_alone(grid: None, data: st.DataObject) -> None:
    requests = data.draw(
        st.lists(st.builds(Request, principals(), st.sampled_from(IDS)), min_size=1, max_size=6)
    )
    reach = Reach.of(requests)
    together = [outcome(lambda each=each: reach.place(each)) for each in requests]
    assert together == [outcome(lambda each=each: alone(each)) for each in requests]


def test_where_a_device_is(grid: None, alice: User) -> None:
    everything = Principal(
        user_id=alice.pk,
        is_admin=True,
        permissions=CLIENT,
        all_networks=True,
        all_device_types=True,
    )
    request = Request(everything, "b2")
    place, device = Reach.of([request]).place(request), Device.objects.get(id="b2")
    assert (place.network_id, place.device_type_id, place.generation) == (
        device.network_id,
        device.device_type_id,
        device.generation,
    )
