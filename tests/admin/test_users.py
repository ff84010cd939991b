"""Users in the admin: passwords, access, locks, and the administrator's own account."""

from typing import Any

import pytest
from django.contrib.auth.forms import SetPasswordMixin
from django.test import Client
from django.urls import reverse

from devicehive.serving.addresses import stays
from devices.models import DeviceType, Network, User
from devices.refusals import UserRefusal
from devices.services import logins
from tests.admin.browsing import errors, submit
from tests.factories import PASSWORD

ADD = reverse("admin:devices_user_add")
LIST = reverse("admin:devices_user_changelist")
OWN = (
    "This is your own account. Unless it is that of an active administrator you could not undo "
    "this; ask another administrator to do it."
)


def page(user: User, name: str = "change") -> str:
    return reverse(f"admin:devices_user_{name}", args=[user.pk])


def test_adds_a_user_who_can_log_in(
    admin: Client, network: Network, device_type: DeviceType
) -> None:
    submit(
        admin, ADD, login="dora", password1="long enough", password2="long enough",
        networks=[network.pk], all_device_types_available=None,
        device_types=[device_type.pk],
    )  # fmt: skip
    assert logins.admit("dora", "long enough", "", stays)
    dora = User.objects.get(login="dora")
    assert (dora.role, dora.all_device_types_available) == (User.Role.CLIENT, False)
    assert (list(dora.networks.all()), list(dora.device_types.all())) == ([network], [device_type])


@pytest.mark.parametrize(
    ("edited", "error"),
    [
        ({"login": "bob"}, UserRefusal.LOGIN_TAKEN.text),
        ({"login": "a b c"}, UserRefusal.LOGIN_CHARACTERS.text),
        ({"password1": "short", "password2": "short"}, UserRefusal.PASSWORD_LENGTH.text),
        ({"password2": "different"}, SetPasswordMixin.error_messages["password_mismatch"]),
    ],
)
def test_a_new_user_obeys_the_rules_of_the_protocol(
    admin: Client, bob: User, edited: dict[str, Any], error: str
) -> None:
    given = {"login": "dora", "password1": "long enough", "password2": "long enough", **edited}
    assert errors(submit(admin, ADD, **given)) == [error]
    assert not User.objects.filter(login="dora").exists()


def test_changes_access_and_keeps_the_rest(
    admin: Client, bob: User, device_type: DeviceType
) -> None:
    User.objects.filter(pk=bob.pk).update(data='{"n": 1.10}')
    submit(
        admin, page(bob), networks=None, all_device_types_available=None,
        device_types=[device_type.pk],
    )  # fmt: skip
    bob.refresh_from_db()
    assert (bob.login, bob.data, bob.all_device_types_available) == ("bob", '{"n": 1.10}', False)
    assert (list(bob.networks.all()), list(bob.device_types.all())) == ([], [device_type])


def test_sets_a_password(admin: Client, bob: User) -> None:
    submit(
        admin, f"/admin/devices/user/{bob.pk}/password/",
        password1="another one", password2="another one",
    )  # fmt: skip
    assert logins.admit("bob", "another one", "", stays)


def test_a_password_cannot_be_disabled(admin: Client, bob: User) -> None:
    url = f"/admin/devices/user/{bob.pk}/password/"
    assert "password-based" not in admin.get(url).content.decode()
    admin.post(url, {"unset-password": "on", "usable_password": "false"})
    assert logins.admit("bob", PASSWORD, "", stays)


def test_a_new_password_obeys_the_rule(admin: Client, bob: User) -> None:
    answer = submit(
        admin, f"/admin/devices/user/{bob.pk}/password/", password1="short", password2="short"
    )
    assert answer.context["form"].errors["password2"] == [
        "Password can contain only from 6 to 128 symbols!"
    ]


def test_unlocks_only_the_locked_out(admin: Client, bob: User, charlie: User) -> None:
    User.objects.filter(pk=bob.pk).update(status=User.Status.LOCKED_OUT)
    User.objects.filter(pk=charlie.pk).update(status=User.Status.DISABLED)
    admin.post(LIST, {"action": "unlock", "_selected_action": [bob.pk, charlie.pk]})
    bob.refresh_from_db()
    charlie.refresh_from_db()
    assert (bob.status, charlie.status) == (User.Status.ACTIVE, User.Status.DISABLED)


@pytest.mark.parametrize(
    "edited", [{"status": User.Status.DISABLED.value}, {"role": User.Role.CLIENT.value}]
)
def test_alice_cannot_lock_herself_out(admin: Client, alice: User, edited: dict[str, Any]) -> None:
    assert errors(submit(admin, page(alice), **edited)) == [OWN]
    alice.refresh_from_db()
    assert (alice.role, alice.status) == (User.Role.ADMIN, User.Status.ACTIVE)


def test_alice_cannot_delete_herself(admin: Client, alice: User) -> None:
    answer = admin.post(page(alice, "delete"), {"post": "yes"})
    assert answer.context["protected"] == ["your own account, alice"]
    assert User.objects.filter(pk=alice.pk).exists()


def test_alice_cannot_delete_herself_among_others(admin: Client, alice: User, bob: User) -> None:
    ticked = {"_selected_action": [alice.pk, bob.pk]}
    admin.post(LIST, {"action": "delete_selected", "post": "yes", **ticked})
    assert User.objects.filter(pk__in=[alice.pk, bob.pk]).count() == 2


def test_deletes_others(admin: Client, bob: User, charlie: User) -> None:
    admin.post(page(charlie, "delete"), {"post": "yes"})
    admin.post(LIST, {"action": "delete_selected", "post": "yes", "_selected_action": [bob.pk]})
    assert not User.objects.filter(pk__in=[bob.pk, charlie.pk]).exists()
