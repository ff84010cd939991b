"""Who has lost the power to write users, configuration, networks or types (R-43 and R-44), and who
has lost all of it on an open connection (R-45)."""

from typing import Any

import pytest
from django.db.models import F

from devicehive.protocol.actions import registry
from devices.models import Device, User
from tests.conftest import Connection, connected, refused, success
from tests.factories import make_user
from tests.handlers.test_revocation import authenticated, logged_in

WRITERS = sorted(name for name, action in registry.items() if action.standing is not None)


def test_some_actions_look_power_up() -> None:
    assert {"user/insert", "configuration/put", "network/delete"} <= {*WRITERS}


@pytest.mark.parametrize("action", WRITERS)
def test_who_has_ended_all_tokens_writes_nothing_on_an_open_connection(
    as_alice: Connection, alice: User, action: str
) -> None:
    User.objects.filter(pk=alice.pk).update(token_number=F("token_number") + 1)
    assert as_alice.ask(action) == refused(action, 401, "Token expired")


def on_an_open_connection(user: User) -> Connection:
    """A connection that has authenticated, and hears of all notifications that its user may see."""
    connection = authenticated(logged_in(user).access)
    assert connection.ask("notification/subscribe")["status"] == "success"
    return connection


LOST = [
    ({"status": User.Status.LOCKED_OUT}, "Unauthorized"),
    ({"status": User.Status.DISABLED}, "Unauthorized"),
    ({"role": User.Role.CLIENT}, "Token expired"),
    ({"password": "another one"}, "Token expired"),
]
NAMES = ["locked out", "disabled", "demoted", "a new password"]


def after(change: dict[str, Any], as_alice: Connection, device: Device) -> Connection:
    """The open connection of a user whom alice has changed, and what it was told since then of a
    notification about the device."""
    dora = make_user("dora", role=User.Role.ADMIN)
    as_dora = on_an_open_connection(dora)
    as_alice.ask("user/update", userId=dora.pk, user=change)
    as_dora.pushed()
    told = {"notification": "on"}
    as_alice.ask("notification/insert", deviceId=device.id, notification=told)
    return as_dora


@pytest.mark.parametrize(("change", "error"), LOST, ids=NAMES)
def test_who_has_lost_its_power_does_and_hears_nothing_on_an_open_connection(
    live: None, as_alice: Connection, device: Device, change: dict[str, Any], error: str
) -> None:
    as_dora = after(change, as_alice, device)
    assert as_dora.pushed() == []
    assert as_dora.ask("user/getCurrent") == refused("user/getCurrent", 401, error)


@pytest.mark.parametrize("change", [change for change, _ in LOST], ids=NAMES)
def test_in_compatible_mode_an_open_connection_keeps_its_power(
    settings: Any, live: None, as_alice: Connection, device: Device, change: dict[str, Any]
) -> None:
    settings.COMPATIBLE_MODE = True
    as_dora = after(change, as_alice, device)
    assert [push["notification"]["notification"] for push in as_dora.pushed()] == ["on"]
    assert as_dora.ask("user/getCurrent")["current"]["login"] == "dora"


def test_a_client_that_manages_users_makes_no_administrators(bob: User) -> None:
    as_bob = connected(bob, a=(12,))
    new = {"login": "mallory", "password": "mallory-1", "role": 0}
    answer = as_bob.ask("user/insert", user=new)
    assert answer == refused("user/insert", 403, "Admin permissions required for this action")
    assert not User.objects.filter(login="mallory").exists()


def test_a_client_that_manages_users_deletes_no_administrators(bob: User, alice: User) -> None:
    as_bob = connected(bob, a=(12,))
    answer = as_bob.ask("user/delete", userId=alice.pk)
    assert answer == refused("user/delete", 403, "Admin permissions required for this action")
    assert User.objects.filter(pk=alice.pk).exists()


def test_a_client_that_manages_users_deletes_other_clients(bob: User, charlie: User) -> None:
    as_bob = connected(bob, a=(12,))
    assert as_bob.ask("user/delete", userId=charlie.pk) == success("user/delete")
