"""authenticate (protocol, 2.5 and 2.9)."""

import time
from typing import Any

import jwt
import pytest
from django.conf import settings

from devicehive import keys
from devicehive.protocol import jwts
from devicehive.protocol.claims import ACCESS, REFRESH, Claims, ClaimsSet
from devicehive.protocol.permissions import ALL, CLIENT, Principal
from devices.models import Device, DeviceType, Network, User
from tests.conftest import Connection, connected, refused, success

INVALID = refused("authenticate", 401, "Invalid credentials")
SOON = int(time.time() * 1000) + 3_600_000
LONG_AGO = 1_500_000_000_000


def token(user: User, *, e: int = SOON, t: int = ACCESS, **claims: tuple[Any, ...]) -> str:
    return jwts.sign(ClaimsSet(Claims(user.pk, e, t, **claims)))


def principal(user: User, **claims: Any) -> Principal:
    """What a token with `claims` makes of its user."""
    connection = Connection()
    assert connection.ask("authenticate", token=token(user, **claims)) == success("authenticate")
    return connection.caller.identity


def test_a_token_authenticates_the_connection(anonymous: Connection, bob: User) -> None:
    assert anonymous.ask("device/count") == refused("device/count", 401, "Unauthorized")
    answer = anonymous.ask("authenticate", token=token(bob, a=(3,), n=("*",)), deviceId="x")
    assert answer == success("authenticate")
    assert anonymous.ask("device/count") == success("device/count", count=0)


@pytest.mark.parametrize("members", [{}, {"token": None}, {"token": ""}])
def test_a_token_is_required(anonymous: Connection, members: dict[str, object]) -> None:
    assert anonymous.ask("authenticate", **members) == refused("authenticate", 401, "Unauthorized")


@pytest.mark.parametrize("text", ["x", "a.b.c", " ", 5, True])
def test_what_is_no_token(anonymous: Connection, text: object) -> None:
    assert anonymous.ask("authenticate", token=text) == INVALID


def test_a_token_signed_by_someone_else(anonymous: Connection, bob: User) -> None:
    forged = jwt.encode({"payload": {"u": bob.pk, "e": SOON, "t": 1}}, b"x" * 32, "HS256")
    assert anonymous.ask("authenticate", token=forged) == INVALID


def test_a_plugin_token_is_invalid(anonymous: Connection) -> None:
    key = keys.signing_key(settings.JWT_SECRET)
    plugin = jwt.encode({"payload": {"tpc": "t", "a": [0], "e": SOON, "t": 1}}, key, "HS256")
    assert anonymous.ask("authenticate", token=plugin) == INVALID


def test_a_refresh_token_even_an_expired_one(anonymous: Connection, bob: User) -> None:
    assert anonymous.ask("authenticate", token=token(bob, t=REFRESH)) == INVALID
    assert anonymous.ask("authenticate", token=token(bob, t=REFRESH, e=LONG_AGO)) == INVALID


def test_an_expired_token_even_of_nobody(anonymous: Connection, bob: User) -> None:
    expired = token(bob, e=LONG_AGO)
    bob.delete()
    assert anonymous.ask("authenticate", token=expired) == refused(
        "authenticate", 401, "Token expired"
    )


def test_a_foreign_token_with_a_standard_expiry(anonymous: Connection, bob: User) -> None:
    key = keys.signing_key(settings.JWT_SECRET)
    claims = {"payload": {"u": bob.pk, "e": SOON, "t": 1}, "exp": LONG_AGO // 1000}
    answer = anonymous.ask("authenticate", token=jwt.encode(claims, key, "HS256"))
    assert answer == refused("authenticate", 401, "Token expired")


def test_a_user_who_is_gone(anonymous: Connection, bob: User) -> None:
    of_nobody = token(bob)
    bob.delete()
    assert anonymous.ask("authenticate", token=of_nobody) == INVALID


@pytest.mark.parametrize("status", [User.Status.LOCKED_OUT, User.Status.DISABLED])
def test_a_user_who_is_not_active_is_refused(anonymous: Connection, bob: User, status: int) -> None:
    User.objects.update(status=status)
    assert anonymous.ask("authenticate", token=token(bob)) == INVALID


def test_a_user_id_that_no_column_holds(anonymous: Connection, bob: User) -> None:
    key = keys.signing_key(settings.JWT_SECRET)
    huge = jwt.encode({"payload": {"u": 10**30, "e": SOON, "t": 1}}, key, "HS256")
    assert anonymous.ask("authenticate", token=huge) == INVALID


def test_failing_changes_nothing(as_bob: Connection, device: Device) -> None:
    assert as_bob.ask("authenticate", token="x") == INVALID
    assert as_bob.ask("device/get", deviceId=device.id)["status"] == "success"


def test_the_last_token_counts(as_bob: Connection, charlie: User, device: Device) -> None:
    assert as_bob.ask("authenticate", token=token(charlie, a=(0,))) == success("authenticate")
    answer = as_bob.ask("device/get", deviceId=device.id)
    assert answer == refused("device/get", 403, "Access is denied")


def test_a_connection_outlives_its_token(
    monkeypatch: pytest.MonkeyPatch, bob: User, device: Device
) -> None:
    connection = Connection()
    soon = token(bob, a=(0,), n=("*",))
    assert connection.ask("authenticate", token=soon) == success("authenticate")
    monkeypatch.setattr(time, "time", lambda: SOON / 1000 + 1)
    assert jwts.verify(soon).payload.is_expired
    assert connection.ask("device/get", deviceId=device.id)["status"] == "success"


def test_a_log_in_is_recorded(anonymous: Connection, bob: User) -> None:
    User.objects.update(login_attempts=3)
    anonymous.ask("authenticate", token=token(bob))
    bob.refresh_from_db()
    assert bob.login_attempts == 0
    assert bob.last_login is not None


@pytest.mark.parametrize(
    ("claims", "permissions"),
    [
        ({}, frozenset()),
        ({"a": ()}, CLIENT),
        ({"a": (0,)}, ALL),
        ({"a": (3, 6)}, {3, 6}),
        ({"a": (1,)}, {1}),
    ],
)
def test_what_a_principal_may_do(
    bob: User, claims: dict[str, Any], permissions: frozenset[int]
) -> None:
    assert principal(bob, **claims).permissions == permissions


@pytest.mark.parametrize(
    ("claims", "everything", "ids"),
    [
        ({}, False, None),
        ({"n": ()}, False, frozenset()),
        ({"n": ("5", "7")}, False, {5, 7}),
        ({"n": ("*",)}, True, None),
        ({"n": ("5", "*")}, True, None),
    ],
)
def test_the_networks_of_a_principal(
    bob: User, claims: dict[str, Any], everything: bool, ids: frozenset[int] | None
) -> None:
    made = principal(bob, **claims)
    assert (made.networks.is_everything, made.networks.ids) == (everything, ids)


@pytest.mark.parametrize(
    ("available", "claims", "everything", "ids"),
    [
        (True, {}, True, None),
        (True, {"dt": ()}, True, None),
        (True, {"dt": ("5",)}, True, None),
        (False, {}, False, None),
        (False, {"dt": ()}, False, frozenset()),
        (False, {"dt": ("5",)}, False, {5}),
        (False, {"dt": ("*",)}, True, None),
    ],
)
def test_the_types_of_a_principal(
    bob: User,
    available: bool,
    claims: dict[str, Any],
    everything: bool,
    ids: frozenset[int] | None,
) -> None:
    bob.all_device_types_available = available
    bob.save()
    made = principal(bob, **claims)
    assert (made.device_types.is_everything, made.device_types.ids) == (everything, ids)


def test_who_the_principal_is(alice: User, bob: User) -> None:
    assert (principal(alice).user_id, principal(alice).is_admin) == (alice.pk, True)
    assert (principal(bob).user_id, principal(bob).is_admin) == (bob.pk, False)


def test_what_a_token_of_a_role_allows(
    alice: User, bob: User, charlie: User, network: Network, device_type: DeviceType
) -> None:
    everything = connected(alice).caller.identity
    assert (everything.permissions, everything.networks.is_everything) == (ALL, True)
    assert connected(bob).caller.identity.networks.ids == {network.pk}
    assert connected(charlie).caller.identity.networks.ids == frozenset()
    charlie.all_device_types_available = False
    charlie.save()
    charlie.device_types.add(device_type)
    assert connected(charlie).caller.identity.device_types.ids == {device_type.pk}
