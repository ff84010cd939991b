"""The record of tokens in the admin: who made them for whom, when, and what they allow."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from devices.models import IssuedToken, Network, User
from devices.services import issued_tokens, tokens
from tests.admin.browsing import submit
from tests.admin.conftest import browser
from tests.commands import run
from tests.conftest import Connection, connected, refused

TOMORROW = "2026-11-25T12:00:00.000"
LIST = "admin:devices_issuedtoken_changelist"


def record() -> Any:
    members = "user__login", "issued_by", "actions", "networks", "device_types"
    return IssuedToken.objects.values(*members).get()


def test_a_token_made_in_the_admin(admin: Client, bob: User, network: Network) -> None:
    pair = submit(
        admin, reverse("admin:devices_user_token", args=[bob.pk]), days=7, actions=[3, 6]
    ).context["pair"]
    assert record() == {
        "user__login": "bob",
        "issued_by": "alice",
        "actions": "GetDevice, RegisterDevice",
        "networks": str(network.pk),
        "device_types": "*",
    }
    kept = [str(value) for value in IssuedToken.objects.values().get().values()]
    assert not {pair.access, pair.refresh}.intersection(kept)


def test_a_token_made_by_the_command(bob: User, network: Network) -> None:
    run("createtoken", "bob", "--days", "30", "--actions", "*")
    assert (record()["issued_by"], record()["actions"]) == ("manage.py createtoken", "*")
    lifetime = IssuedToken.objects.get().valid_until - timezone.now()
    assert timedelta(days=29) < lifetime <= timedelta(days=30)


def test_a_token_made_by_an_administrator_over_the_protocol(
    as_alice: Connection, bob: User
) -> None:
    payload = {"userId": bob.pk, "actions": [], "expiration": TOMORROW}
    assert as_alice.ask("token/create", payload=payload)["status"] == "success"
    token = IssuedToken.objects.get()
    assert (token.user, token.issued_by, token.actions) == (bob, "alice", "")
    assert (token.networks, token.device_types) == (None, None)
    until = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert (token.valid_until, token.refreshable_until) == (until, until)


def test_a_lifetime_of_its_own_is_on_record(as_bob: Connection, bob: User) -> None:
    as_bob.ask("token/create", payload={"userId": bob.pk, "refreshExpiration": TOMORROW})
    assert record()["issued_by"] == "bob"


@pytest.mark.usefixtures("bob")
def test_log_ins_and_what_clients_make_for_themselves_are_not(
    as_bob: Connection, bob: User, anonymous: Connection
) -> None:
    pair = anonymous.ask("token", login="bob", password="secret phrase")
    anonymous.ask("token/refresh", refreshToken=pair["refreshToken"])
    as_bob.ask("token/create", payload={"userId": bob.pk, "actions": [3]})
    assert not IssuedToken.objects.exists()


def test_a_refused_one_is_not(as_charlie: Connection, bob: User) -> None:
    answer = as_charlie.ask("token/create", payload={"userId": bob.pk})
    assert answer == refused("token/create", 403, "Access is denied")
    assert not IssuedToken.objects.exists()


def test_the_record_outlives_who_made_it(as_alice: Connection, alice: User, bob: User) -> None:
    as_alice.ask("token/create", payload={"userId": bob.pk})
    alice.delete()
    assert record()["issued_by"] == "alice"


def test_in_compatible_mode_who_is_deleted_makes_tokens(
    settings: Any, alice: User, bob: User
) -> None:
    settings.COMPATIBLE_MODE = True
    connection, alice_id = connected(alice), alice.pk
    alice.delete()
    connection.ask("token/create", payload={"userId": bob.pk})
    assert record()["issued_by"] == f"user {alice_id}, deleted"


def test_it_goes_when_it_has_long_been_of_no_use(as_alice: Connection, bob: User) -> None:
    as_alice.ask("token/create", payload={"userId": bob.pk, "expiration": TOMORROW})
    IssuedToken.objects.update(refreshable_until=timezone.now() - issued_tokens.KEPT)
    as_alice.ask("token/create", payload={"userId": bob.pk})
    assert IssuedToken.objects.get().refreshable_until > timezone.now()


def test_the_list_says_it_all(admin: Client, as_alice: Connection, bob: User) -> None:
    as_alice.ask("token/create", payload={"userId": bob.pk, "actions": [0], "networkIds": ["1"]})
    run("createtoken", "bob", "--actions", "GetDevice")
    page = admin.get(reverse(LIST)).content.decode()
    assert "*; networks: 1; types: not listed" in page
    assert "GetDevice; networks: " in page
    run("createtoken", "bob")
    as_alice.ask("token/create", payload={"userId": bob.pk, "actions": []})
    page = admin.get(reverse(LIST)).content.decode()
    assert page.count("client actions; networks: ") == 2
    newest_first = re.findall(r'class="field-issued_by">([^<]*)<', page)
    assert newest_first == ["alice", "manage.py createtoken", "manage.py createtoken", "alice"]


def test_the_page_of_one_says_for_whom_it_was_made_and_what_it_allows(
    admin: Client, bob: User, network: Network
) -> None:
    run("createtoken", "bob", "--days", "30", "--actions", "GetDevice,RegisterDevice")
    token = IssuedToken.objects.get()
    moments = token.issued_at, token.valid_until, token.refreshable_until
    page = admin.get(reverse("admin:devices_issuedtoken_change", args=[token.pk]))
    shown = re.findall(r'<div class="readonly">(.*?)</div>', page.content.decode())
    assert [re.sub("<[^>]*>", "", each) for each in shown] == [
        "bob",
        "manage.py createtoken",
        *(f"{each:%Y-%m-%d %H:%M} UTC" for each in moments),
        "GetDevice, RegisterDevice",
        str(network.pk),
        "*",
        "-",
    ]


def test_nobody_changes_it(admin: Client, as_alice: Connection, bob: User) -> None:
    as_alice.ask("token/create", payload={"userId": bob.pk})
    token = IssuedToken.objects.get()
    for page in "change", "delete":
        url = reverse(f"admin:devices_issuedtoken_{page}", args=[token.pk])
        assert admin.post(url, {"post": "yes"}).status_code == 403
    assert admin.get(reverse("admin:devices_issuedtoken_add")).status_code == 403


def test_bob_does_not_see_it(alice: User, bob: User) -> None:
    assert browser(bob).get(reverse(LIST)).status_code == 302


def test_a_user_goes_with_its_record(admin: Client, as_alice: Connection, bob: User) -> None:
    as_alice.ask("token/create", payload={"userId": bob.pk})
    url = reverse("admin:devices_user_delete", args=[bob.pk])
    assert "Issued tokens: 1" in admin.get(url).content.decode()
    admin.post(url, {"post": "yes"})
    assert not IssuedToken.objects.exists()


def run_action(admin: Client, action: str, chosen: object, url: str) -> str:
    sent = {"action": action, "_selected_action": [chosen]}
    return admin.post(reverse(url), sent, follow=True).content.decode()


def test_a_pair_is_revoked_and_what_was_made_of_it(
    admin: Client, as_alice: Connection, bob: User
) -> None:
    made = as_alice.ask("token/create", payload={"userId": bob.pk, "actions": [15]})
    as_bob = Connection()
    as_bob.ask("authenticate", token=made["accessToken"])
    made_of_it = as_bob.ask("token/create", payload={"userId": bob.pk, "actions": [15]})
    token = IssuedToken.objects.get()
    page = run_action(admin, "revoke", token.pk, LIST)
    assert "Revoked 1 issued token." in page
    for each in made, made_of_it:
        answer = Connection().ask("authenticate", token=each["accessToken"])
        assert answer == refused("authenticate", 401, "Token expired")
    assert "Revoked 0 issued tokens." in run_action(admin, "revoke", token.pk, LIST)
    history = LogEntry.objects.get()
    assert (history.object_id, history.change_message) == (str(token.pk), "Revoked.")


def test_all_tokens_of_a_user_end(admin: Client, bob: User, charlie: User) -> None:
    bobs, charlies = (tokens.issue(user, tokens.scope_of(user)).access for user in (bob, charlie))
    page = run_action(admin, "end_tokens", bob.pk, "admin:devices_user_changelist")
    assert "Ended the tokens of 1 user." in page
    answer = Connection().ask("authenticate", token=bobs)
    assert answer == refused("authenticate", 401, "Token expired")
    assert Connection().ask("authenticate", token=charlies)["status"] == "success"
    history = LogEntry.objects.get()
    assert (history.object_id, history.change_message) == (str(bob.pk), "Ended all tokens.")


def test_who_made_them_can_be_searched_for(admin: Client, as_alice: Connection, bob: User) -> None:
    as_alice.ask("token/create", payload={"userId": bob.pk})
    run("createtoken", "bob")
    page = admin.get(reverse(LIST), {"q": "alice"}).content.decode()
    assert re.findall(r'class="field-issued_by">([^<]*)<', page) == ["alice"]
