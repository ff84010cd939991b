"""The page that makes tokens for a user."""

import time

from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from devicehive.protocol import jwts
from devicehive.protocol.claims import ACCESS, REFRESH
from devicehive.protocol.permissions import Permission
from devices.models import Network, User
from devices.services.tokens import scope_of
from tests.admin.browsing import errors, submit
from tests.admin.conftest import browser


def page(user: User) -> str:
    return reverse("admin:devices_user_token", args=[user.pk])


def test_a_token_allows_what_the_role_does(admin: Client, bob: User) -> None:
    pair = submit(admin, page(bob), days=7).context["pair"]
    access, refresh = jwts.verify(pair.access).payload, jwts.verify(pair.refresh).payload
    scope = scope_of(bob)
    assert (access.u, access.t, refresh.t) == (bob.pk, ACCESS, REFRESH)
    assert (access.a, access.n, access.dt) == (scope.actions, scope.networks, scope.device_types)
    assert 6 < (access.e / 1000 - time.time()) / 86_400 <= 7
    assert access.e == refresh.e


def test_a_token_allows_what_was_chosen(admin: Client, bob: User, network: Network) -> None:
    answer = submit(
        admin, page(bob), actions=[Permission.GET_DEVICE.value], networks=[network.pk],
        device_types=[1],
    )  # fmt: skip
    claims = jwts.verify(answer.context["pair"].access).payload
    assert (claims.a, claims.n, claims.dt) == ((3,), (str(network.pk),), ("1",))


def test_tokens_are_shown_once_and_the_page_is_not_kept(admin: Client, bob: User) -> None:
    answer = submit(admin, page(bob))
    assert answer.context["pair"].refresh in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    until = f"{answer.context['until']:%Y-%m-%d %H:%M} UTC"
    assert f"<strong>{until}</strong>" in answer.content.decode()
    assert LogEntry.objects.get().change_message == f"Created a token, valid until {until}."


def test_no_token_for_a_disabled_user(admin: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(status=User.Status.DISABLED)
    assert errors(submit(admin, page(bob))) == ["User is locked or disabled"]


def test_a_lifetime_is_at_least_a_day(admin: Client, bob: User) -> None:
    assert errors(submit(admin, page(bob), days=0)) == [
        "Ensure this value is greater than or equal to 1."
    ]


def test_bob_makes_no_token_here(alice: User, bob: User) -> None:
    assert browser(bob).post(page(alice), {"days": 1}).status_code == 302


def test_a_user_who_is_gone_has_no_page(admin: Client) -> None:
    assert admin.get(reverse("admin:devices_user_token", args=[0])).status_code == 404


def test_a_user_in_no_network_gets_a_token_with_a_warning(admin: Client, charlie: User) -> None:
    warning = "charlie is in no network: a token opens no device until that changes."
    assert admin.get(page(charlie)).context["warnings"] == [warning]
    answer = submit(admin, page(charlie))
    assert answer.context["pair"]
    assert warning in answer.content.decode()


def test_who_reaches_devices_gets_no_warning(admin: Client, alice: User, bob: User) -> None:
    assert [admin.get(page(user)).context["warnings"] for user in (alice, bob)] == [[], []]
