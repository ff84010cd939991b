"""configuration/get, configuration/put, configuration/delete (protocol, 5.3 and 4.7)."""

from typing import Any

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from devicehive.protocol.permissions import Permission
from devices.models import Configuration, User
from tests.conftest import Connection, connected, refused, success

ACTIONS = ["configuration/get", "configuration/put", "configuration/delete"]
NAME_REQUIRED = "Configuration name is wrong or empty"
INVALID = (
    "Error! Make sure, that the passed object is correct and properly structured. "
    "Validation failed: \nOn property value (value: {}): {} ; "
)
VALUE_LENGTH = "Field cannot be empty. The length of value should not be more than 128 symbols."


def entry(version: int, **members: Any) -> dict[str, Any]:
    stored = Configuration.objects.get(name="colour")
    return {"id": stored.pk, "name": "colour", "value": "red", "entityVersion": version} | members


def unknown(action: str, name: str) -> dict[str, Any]:
    text = f"Requested config with name = {name} not found in the database"
    return refused(action, 404, text)


def put(connection: Connection, **members: Any) -> dict[str, Any]:
    """Put the entry `colour` with the value `red`, or other members."""
    return connection.ask("configuration/put", **{"name": "colour", "value": "red"} | members)


def test_a_new_entry_has_no_id_yet_and_version_0(as_alice: Connection) -> None:
    answer = put(as_alice)
    assert answer == success("configuration/put", configuration=entry(0, id=None))


def test_an_entry_is_read_with_its_id(as_alice: Connection) -> None:
    put(as_alice)
    answer = as_alice.ask("configuration/get", name="colour")
    assert answer == success("configuration/get", configuration=entry(0))


def test_every_put_counts_the_version_up(as_alice: Connection) -> None:
    put(as_alice)
    answer = put(as_alice, value="green")
    assert answer == success("configuration/put", configuration=entry(1, value="green"))
    assert put(as_alice)["configuration"] == entry(2)
    assert as_alice.ask("configuration/get", name="colour")["configuration"] == entry(2)


def test_a_put_leaves_other_entries_alone(as_alice: Connection) -> None:
    put(as_alice)
    put(as_alice, name="Colour", value="green")
    assert as_alice.ask("configuration/get", name="colour")["configuration"]["value"] == "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [(12, "12"), (True, "true"), (1.5, "1.5"), (" ", " "), ("é" * 128, "é" * 128)],
)
def test_a_value_is_text(as_alice: Connection, value: object, text: str) -> None:
    assert put(as_alice, value=value)["configuration"]["value"] == text


def test_a_deleted_entry_is_gone_and_a_new_one_starts_at_0(as_alice: Connection) -> None:
    put(as_alice)
    put(as_alice)
    answer = as_alice.ask("configuration/delete", name="colour")
    assert answer == success("configuration/delete")
    assert as_alice.ask("configuration/get", name="colour") == unknown(
        "configuration/get", "colour"
    )
    assert put(as_alice)["configuration"] == entry(0, id=None)


def test_a_fresh_installation_has_one_entry(as_alice: Connection) -> None:
    answer = as_alice.ask("configuration/get", name="user.login.lastTimeout")
    assert answer["configuration"]["value"] == "1000"
    assert Configuration.objects.count() == 1


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("members", [{}, {"name": None}])
def test_a_name_is_required(as_alice: Connection, action: str, members: dict[str, Any]) -> None:
    assert as_alice.ask(action, **members) == refused(action, 400, NAME_REQUIRED)


@pytest.mark.parametrize("action", ["configuration/get", "configuration/delete"])
@pytest.mark.parametrize("name", ["", "no-such", "USER.LOGIN.LASTTIMEOUT", "n" * 1000])
def test_an_unknown_name_is_not_found(as_alice: Connection, action: str, name: str) -> None:
    assert as_alice.ask(action, name=name) == unknown(action, name)


@pytest.mark.parametrize("name", ["", "n" * 33])
def test_the_length_of_the_name_before_the_missing_value(as_alice: Connection, name: str) -> None:
    text = "Name cannot be empty. The name's length should not be more than 32 symbols."
    assert put(as_alice, name=name, value=None) == refused("configuration/put", 400, text)


def test_a_value_is_required(as_alice: Connection) -> None:
    text = INVALID.format("null", "value field cannot be null.")
    assert put(as_alice, value=None) == refused("configuration/put", 400, text)


@pytest.mark.parametrize("value", ["", "v" * 129])
def test_the_length_of_the_value(as_alice: Connection, value: str) -> None:
    text = INVALID.format(value, VALUE_LENGTH)
    assert put(as_alice, value=value) == refused("configuration/put", 400, text)
    assert not Configuration.objects.filter(name="colour").exists()


@pytest.mark.parametrize("value", [{}, ["red"]])
def test_a_value_of_the_wrong_type(as_alice: Connection, value: object) -> None:
    answer = put(as_alice, value=value)
    assert answer == refused("configuration/put", 400, "Malformed Json received.")


@pytest.mark.parametrize("action", ["configuration/get", "configuration/delete"])
def test_the_signing_secret_is_no_entry(as_alice: Connection, action: str) -> None:
    assert as_alice.ask(action, name="jwt.secret") == unknown(action, "jwt.secret")


@pytest.mark.parametrize("compatible", [False, True])
def test_the_signing_secret_cannot_be_put(
    as_alice: Connection, settings: Settings, compatible: bool
) -> None:
    settings.COMPATIBLE_MODE = compatible
    answer = put(as_alice, name="jwt.secret")
    assert answer == refused("configuration/put", 400, NAME_REQUIRED)
    assert not Configuration.objects.filter(name="jwt.secret").exists()


def test_compatible_mode_tells_the_signing_secret(as_alice: Connection, settings: Settings) -> None:
    settings.COMPATIBLE_MODE = True
    answer = as_alice.ask("configuration/get", name="jwt.secret")
    secret = {"id": None, "name": "jwt.secret", "value": configured.JWT_SECRET, "entityVersion": 0}
    assert answer == success("configuration/get", configuration=secret)


@pytest.mark.parametrize("action", ACTIONS)
def test_anonymous_is_unauthorized(anonymous: Connection, action: str) -> None:
    answer = anonymous.ask(action, name="colour", value="red")
    assert answer == refused(action, 401, "Unauthorized")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_client_is_denied(as_charlie: Connection, action: str) -> None:
    answer = as_charlie.ask(action, name="colour", value="red")
    assert answer == refused(action, 403, "Access is denied")


@pytest.mark.parametrize("action", ACTIONS)
def test_an_administrator_needs_the_permission_in_the_token(alice: User, action: str) -> None:
    others = tuple(sorted(set(Permission) - {Permission.ANY, Permission.MANAGE_CONFIGURATION}))
    answer = connected(alice, a=others).ask(action, name="colour", value="red")
    assert answer == refused(action, 403, "Access is denied")


def test_an_administrator_with_a_token_for_one_network_may(alice: User) -> None:
    assert put(connected(alice, n=("1",), dt=()))["status"] == "success"
