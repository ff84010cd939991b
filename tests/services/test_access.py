"""Who sees which devices: four forms of one rule, asked of random users, tokens and devices."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from devicehive.events.event import EVERYTHING
from devicehive.events.subscriptions import Requested
from devicehive.protocol.actions import Envelope
from devicehive.protocol.permissions import CLIENT, NO_LIMIT, UNLISTED, Limit, Principal
from devicehive.protocol.refusals import Refused
from devices.handlers import gate
from devices.models import Device, DeviceType, Network, User
from devices.schemas.device import DeviceBody
from devices.services import access, devices, subscriptions
from devices.services.audiences import Audience
from devices.services.device_save import DeviceSave
from devices.services.standing import unlimited
from devices.services.topics import device_topic, device_type_topic, network_topic
from tests.factories import make_user
from tests.thorough import examples

NETWORKS = TYPES = (1, 2, 3)
LOGINS = ("alice", "bob", "charlie")
PLACES = tuple(product(NETWORKS, TYPES))
NOWHERE = 999
"""The id of no network and of no type."""

several = hypothesis_settings(
    max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass(frozen=True)
class Request:
    principal: Principal
    device_id: str


def device_at(network_id: int, device_type_id: int) -> str:
    return f"device-{network_id}-{device_type_id}"


IDS = [device_at(*place) for place in PLACES]


@pytest.fixture
def grid(db: None) -> None:
    """alice, bob and charlie; a device of each of three types in each of three networks."""
    Network.objects.exclude(pk__in=NETWORKS).delete()
    for number in NETWORKS:
        Network.objects.update_or_create(pk=number, defaults={"name": f"network {number}"})
        DeviceType.objects.update_or_create(pk=number, defaults={"name": f"type {number}"})
    Device.objects.all().delete()
    for network, kind in PLACES:
        Device.objects.create(
            id=device_at(network, kind), name="x", network_id=network, device_type_id=kind
        )
    make_user("alice", role=User.Role.ADMIN)
    make_user("bob")
    make_user("charlie")


@pytest.fixture
def compatible(settings: Any) -> None:
    settings.COMPATIBLE_MODE = True


def limits(ids: tuple[int, ...]) -> st.SearchStrategy[Limit]:
    listed = st.frozensets(st.sampled_from([*ids, NOWHERE]))
    return st.sampled_from([NO_LIMIT, UNLISTED]) | st.builds(Limit, ids=listed)


@st.composite
def principals(draw: st.DrawFn) -> Principal:
    user = User.objects.get(login=draw(st.sampled_from(LOGINS)))
    return Principal(
        user_id=user.pk,
        is_admin=user.is_admin,
        permissions=CLIENT,
        networks=draw(limits(NETWORKS)),
        device_types=draw(limits(TYPES)),
    )


@st.composite
def members(draw: st.DrawFn) -> None:
    """Makes users members of random networks, and lets them use all types or random ones."""
    for login in LOGINS:
        user = User.objects.get(login=login)
        user.all_device_types_available = draw(st.booleans())
        user.save()
        user.networks.set(draw(st.sets(st.sampled_from(NETWORKS))))
        user.device_types.set(draw(st.sets(st.sampled_from(TYPES))))


def outcome(call: Callable[[], object]) -> tuple[int, str] | None:
    """How it is refused, if it is."""
    try:
        call()
    except Refused as refused:
        return refused.code, refused.text
    return None


def visible(principal: Principal) -> set[str]:
    """The devices that the table of 3.2 makes visible, with R-53."""
    user = User.objects.get(pk=principal.user_id)
    member_of = set(user.networks.values_list("id", flat=True))
    may_use = set(user.device_types.values_list("id", flat=True))
    if user.all_device_types_available:
        may_use = set(TYPES)
    networks, types = principal.networks.ids, principal.device_types.ids
    return {
        device_at(network, kind)
        for network, kind in PLACES
        if (principal.is_admin or (network in member_of and kind in may_use))
        and (networks is None or network in networks)
        and (types is None or kind in types)
    }


# --- Four forms of one rule ----------------------------------------------------------------------


def shown(principal: Principal) -> set[str]:
    return set(access.visible_devices(principal).values_list("id", flat=True))


def reached(principal: Principal) -> set[str]:
    reach = access.locate([Request(principal, id_) for id_ in IDS])
    outcomes = {id_: outcome(partial(reach.reach, Request(principal, id_))) for id_ in IDS}
    return {id_ for id_, refused in outcomes.items() if refused is None}


def saved(principal: Principal) -> set[str]:
    body = DeviceBody()
    saves = [DeviceSave(principal=principal, device_id=id_, device=body) for id_ in IDS]
    results = devices.save_many(saves)
    return {id_ for id_, refused in zip(IDS, results, strict=True) if refused is None}


def subscribed(principal: Principal) -> dict[str, Audience]:
    """The audiences of the devices to which the principal can subscribe."""
    found = {}
    for id_ in IDS:
        with suppress(Refused):
            found[id_] = subscriptions.audience_of(principal, asked(device_id=id_))
    return found


def is_for(audience: Audience, device: Device, network_id: int, device_type_id: int) -> bool:
    """Whether what the device tells is for the audience, while it is there."""
    topics = {
        EVERYTHING,
        device_topic(device.id, device.generation),
        network_topic(network_id),
        device_type_topic(device_type_id),
    }
    return not any(topics.isdisjoint(each) for each in audience.limits)


def asked(**given: object) -> Requested:
    none = dict.fromkeys(("device_id", "network_ids", "device_type_ids", "names", "timestamp"))
    return Requested(**{"type": "notification", **none, **given})  # type: ignore[arg-type]


def heard(audience: Audience, about: str) -> set[str]:
    """Beside which devices what is told about one is for the audience."""
    device = Device.objects.get(id=about)
    return {
        device_at(network_id, device_type_id)
        for network_id, device_type_id in PLACES
        if is_for(audience, device, network_id, device_type_id)
    }


@several
@given(data=st.data())
def test_four_forms_say_one_rule(grid: None, data: st.DataObject) -> None:
    data.draw(members())
    principal = data.draw(principals())
    seen = visible(principal)
    opened = seen if principal.opens_devices else set()
    audiences = subscribed(principal)
    assert (shown(principal), saved(principal)) == (seen, seen)
    assert (reached(principal), set(audiences)) == (opened, opened)
    assert all(heard(audience, about) == seen for about, audience in audiences.items())


@several
@given(data=st.data())
def test_a_subscription_to_everything_hears_what_is_visible(
    grid: None, data: st.DataObject
) -> None:
    data.draw(members())
    principal = data.draw(principals())
    if not principal.opens_devices:
        assert outcome(lambda: subscriptions.audience_of(principal, asked())) is not None
        return
    audience = subscriptions.audience_of(principal, asked())
    assert heard(audience, IDS[0]) == visible(principal)


@several
@given(data=st.data())
def test_in_compatible_mode_it_hears_what_its_token_opens(
    compatible: None, grid: None, data: st.DataObject
) -> None:
    """Memberships play no part in it, so an administrator's token says what it hears."""
    data.draw(members())
    principal = data.draw(principals())
    if principal.opens_devices:
        audience = subscriptions.audience_of(principal, asked())
        assert heard(audience, IDS[0]) == visible(replace(principal, is_admin=True))


# --- Many requests at once -----------------------------------------------------------------------


def alone(request: Request) -> None:
    gate.device(request.principal, Envelope(device_id=request.device_id))
    devices.get(request.principal, request.device_id)


@several
@given(data=st.data())
def test_together_as_alone(grid: None, data: st.DataObject) -> None:
    data.draw(members())
    ids = st.sampled_from([*IDS, "nothing"])
    requests = data.draw(st.lists(st.builds(Request, principals(), ids), min_size=1, max_size=6))
    reach = access.locate(requests)
    together = [outcome(partial(reach.reach, each)) for each in requests]
    assert together == [outcome(partial(alone, each)) for each in requests]


def test_where_a_device_is(grid: None) -> None:
    request = Request(unlimited(User.objects.get(login="alice")), IDS[-1])
    device = Device.objects.get(id=IDS[-1])
    assert access.locate([request]).reach(request) == (
        device.network_id,
        device.device_type_id,
        device.generation,
        device.is_blocked,
    )
