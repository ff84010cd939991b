"""Who has lost the power to write users, configuration, networks or types (R-43 and R-44)."""

import pytest
from django.db.models import F

from devicehive.protocol.actions import registry
from devices.models import User
from tests.conftest import Connection, connected, refused, success

WRITERS = sorted(name for name, action in registry.items() if action.standing is not None)


def test_some_actions_look_power_up() -> None:
    assert {"user/insert", "configuration/put", "network/delete"} <= {*WRITERS}


@pytest.mark.parametrize("action", WRITERS)
def test_who_has_ended_all_tokens_writes_nothing_on_an_open_connection(
    as_alice: Connection, alice: User, action: str
) -> None:
    User.objects.filter(pk=alice.pk).update(token_number=F("token_number") + 1)
    assert as_alice.ask(action) == refused(action, 401, "Token expired")


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
