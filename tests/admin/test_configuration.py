"""Configuration entries in the admin, with the rules of the protocol."""

import pytest
from django.test import Client
from django.urls import reverse

from devices.models import Configuration
from tests.admin.browsing import errors, submit
from tests.conftest import Connection

ADD = "admin:devices_configuration_add"
NAME = "user.login.maxAttempts"


def page(name: str, what: str = "change") -> str:
    entry = Configuration.objects.get(name=name)
    return reverse(f"admin:devices_configuration_{what}", args=[entry.pk])


def test_a_new_entry_is_that_of_the_protocol(admin: Client, as_alice: Connection) -> None:
    submit(admin, reverse(ADD), name=NAME, value="3")
    entry = as_alice.ask("configuration/get", name=NAME)["configuration"]
    assert (entry["value"], entry["entityVersion"]) == ("3", 0)


def test_a_change_is_a_new_version(admin: Client) -> None:
    submit(admin, page("user.login.lastTimeout"), value="5")
    entry = Configuration.objects.get(name="user.login.lastTimeout")
    assert (entry.value, entry.entity_version) == ("5", 1)


def test_the_name_stays(admin: Client) -> None:
    submit(admin, page("user.login.lastTimeout"), name="other", value="5")
    assert list(Configuration.objects.values_list("name", flat=True)) == ["user.login.lastTimeout"]


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("user.login.lastTimeout", "1", "There is an entry with this name already."),
        ("jwt.secret", "abc", "Configuration name is wrong or empty"),
        (
            "n" * 33,
            "1",
            "Name cannot be empty. The name's length should not be more than 32 symbols.",
        ),
    ],
)
def test_the_rules_are_those_of_the_protocol(
    admin: Client, name: str, value: str, error: str
) -> None:
    assert errors(submit(admin, reverse(ADD), name=name, value=value)) == [error]


def test_a_value_is_needed(admin: Client) -> None:
    (error,) = errors(submit(admin, reverse(ADD), name=NAME, value=""))
    assert "The length of value should not be more than 128 symbols." in error


def test_a_deleted_entry_is_gone(admin: Client) -> None:
    admin.post(page("user.login.lastTimeout", "delete"), {"post": "yes"})
    assert not Configuration.objects.exists()


def test_the_secret_is_not_shown(admin: Client) -> None:
    listed = admin.get(reverse("admin:devices_configuration_changelist")).content.decode()
    assert "jwt.secret" not in listed
