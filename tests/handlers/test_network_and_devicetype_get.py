"""network/get and devicetype/get: what holds for both (protocol, 5.8.2 and 5.9).

Who gets which, and with which devices, is in test_network_get.py and test_devicetype_get.py.
"""

from typing import Any

import pytest

from devices.models import DeviceType, Network, User
from tests.conftest import Connection, connected, refused
from tests.handlers.kinds import OTHER, Kind


def test_anonymous_may_not_get(anonymous: Connection, kind: Kind) -> None:
    answer = anonymous.ask(f"{kind}/get", **kind.id(1))
    assert answer == refused(f"{kind}/get", 401, "Unauthorized")


def test_the_permission_to_read_is_needed(alice: User, kind: Kind) -> None:
    answer = connected(alice, a=(kind.manages, OTHER[kind].reads)).ask(f"{kind}/get", **kind.id(1))
    assert answer == refused(f"{kind}/get", 403, "Access is denied")


def test_a_restricted_administrator_may_not_get_another(
    alice: User, kind: Kind, group: Network | DeviceType
) -> None:
    answer = kind.limited(alice, 1).ask(f"{kind}/get", **kind.id(group.id))
    assert answer == refused(f"{kind}/get", 403, "Access is denied")


@pytest.mark.parametrize("given", ["nothing", "null", "id"])
def test_an_id_is_required(as_bob: Connection, kind: Kind, given: str) -> None:
    members: Any = {"nothing": {}, "null": kind.id(None), "id": {"id": 1}}[given]
    answer = as_bob.ask(f"{kind}/get", **members)
    assert answer == refused(f"{kind}/get", 400, f"{kind.noun} id is wrong or empty")


def test_an_id_of_another_type_is_malformed(as_bob: Connection, kind: Kind) -> None:
    answer = as_bob.ask(f"{kind}/get", **kind.id("home"))
    assert answer == refused(f"{kind}/get", 400, "Malformed Json received.")


def test_what_is_asked_for_must_exist(as_alice: Connection, kind: Kind) -> None:
    answer = as_alice.ask(f"{kind}/get", **kind.id(999))
    assert answer == refused(f"{kind}/get", 404, f"{kind.noun} with id = 999 not found")
