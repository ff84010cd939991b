"""token/create (protocol, 2.10)."""

import time
from typing import Any

import pytest
from django.conf import settings

from devicehive.protocol import jwts
from devicehive.protocol.claims import ACCESS, REFRESH, Claims
from devicehive.protocol.permissions import CLIENT
from devices.models import Network, User
from tests.conftest import Connection, connected, refused, success

FORBIDDEN = refused("token/create", 403, "Access is denied")
INVALID = refused("token/create", 400, "Invalid request parameters")
JULY = 1_783_000_000_000
JULY_TEXT = "2026-07-02T13:46:40.000"
"""The same moment."""


def created(connection: Connection, **payload: object) -> tuple[Claims, Claims]:
    """The claims of the access and the refresh token."""
    answer = connection.ask("token/create", payload=payload)
    assert answer["status"] == "success", answer
    access, refresh = answer["accessToken"], answer["refreshToken"]
    assert answer == success("token/create", accessToken=access, refreshToken=refresh)
    return jwts.verify(access).payload, jwts.verify(refresh).payload


def create(connection: Connection, **payload: object) -> dict[str, Any]:
    return connection.ask("token/create", payload=payload)


def test_a_token_with_everything_said(as_alice: Connection, bob: User) -> None:
    pair = created(
        as_alice,
        userId=bob.pk,
        actions=["GetDevice", 6],
        networkIds=[5, "7"],
        deviceTypeIds=["*"],
        expiration=JULY_TEXT,
        refreshExpiration=JULY + 1,
        deviceIds=["x"],
    )
    scope = ((3, 6), ("5", "7"), ("*",))
    assert pair == (
        Claims(bob.pk, JULY, ACCESS, *scope),
        Claims(bob.pk, JULY + 1, REFRESH, *scope),
    )


def test_a_token_with_nothing_said_allows_nothing(as_alice: Connection, bob: User) -> None:
    before = int(time.time() * 1000)
    pair = created(as_alice, userId=bob.pk)
    lifetimes = settings.ACCESS_TOKEN_SECONDS, settings.REFRESH_TOKEN_SECONDS
    for claims, t, seconds in zip(pair, (ACCESS, REFRESH), lifetimes, strict=True):
        assert claims == Claims(bob.pk, claims.e, t, (1,))
        assert before <= claims.e - seconds * 1000 <= time.time() * 1000


def test_null_is_absent(as_alice: Connection, bob: User) -> None:
    access, _ = created(
        as_alice,
        userId=bob.pk,
        actions=None,
        networkIds=None,
        deviceTypeIds=None,
        expiration=None,
        refreshExpiration="",
    )
    assert access == Claims(bob.pk, access.e, ACCESS, (1,))


def test_a_refresh_token_lives_as_long_as_the_access_token_asked_for(
    as_alice: Connection, bob: User
) -> None:
    access, refresh = created(as_alice, userId=bob.pk, expiration=JULY)
    assert (access.e, refresh.e) == (JULY, JULY)


def test_an_expiration_may_lie_in_the_past(as_alice: Connection, bob: User) -> None:
    access, _ = created(as_alice, userId=bob.pk, expiration="1969-12-31T23:59:59.999")
    assert access.e == -1
    assert access.is_expired


@pytest.mark.parametrize(
    ("actions", "a"),
    [
        (["*"], (0,)),
        ([0], (0,)),
        ([3.0, "GETDEVICE", "registerdevice"], (3, 6)),
        ([], ()),
        (["bogus"], (1,)),
        ([99, -1, 1e30, ""], (1,)),
        (["None"], (1,)),
        ([1], (1,)),
        (["bogus", "GetDevice"], (3,)),
    ],
)
def test_actions_by_name_or_id(
    as_alice: Connection, bob: User, actions: list[object], a: tuple[int, ...]
) -> None:
    assert created(as_alice, userId=bob.pk, actions=actions)[0].a == a


def test_a_created_token_works(as_alice: Connection, bob: User, network: Network) -> None:
    answer = create(as_alice, userId=bob.pk, actions=["RegisterDevice"], networkIds=[network.pk])
    as_alice.ask("authenticate", token=answer["accessToken"])
    saved = as_alice.ask("device/save", deviceId="lamp", device={"name": "Lamp"})
    assert saved == success("device/save")


# Checks, in order


def test_anonymous_may_not(anonymous: Connection) -> None:
    assert create(anonymous) == refused("token/create", 401, "Unauthorized")


def test_the_permission_is_needed(bob: User) -> None:
    assert create(connected(bob, a=(6,)), userId=bob.pk) == FORBIDDEN


@pytest.mark.parametrize("members", [{}, {"payload": None}])
def test_a_payload_is_required(as_alice: Connection, members: dict[str, object]) -> None:
    assert as_alice.ask("token/create", **members) == refused(
        "token/create", 400, "Missing or invalid payload in request"
    )


@pytest.mark.parametrize("payload", [5, "text", [], True])
def test_a_payload_is_an_object(as_alice: Connection, payload: object) -> None:
    assert as_alice.ask("token/create", payload=payload) == refused(
        "token/create", 400, "Malformed Json received."
    )


@pytest.mark.parametrize(
    "payload",
    [
        {"userId": "x"},
        {"userId": []},
        {"userId": 2**63},
        {"actions": "GetDevice"},
        {"networkIds": 5},
        {"networkIds": [[]]},
        {"networkIds": ["x"]},
        {"networkIds": [-1]},
        {"networkIds": [2**63]},
        {"deviceTypeIds": "*"},
        {"deviceTypeIds": [None]},
        {"deviceTypeIds": ["123456789012345678901234567890"]},
        {"expiration": "tomorrow"},
        {"refreshExpiration": True},
        {"userId": "x", "actions": [True]},
    ],
)
def test_members_have_types(as_alice: Connection, bob: User, payload: dict[str, object]) -> None:
    assert create(as_alice, **({"userId": bob.pk} | payload)) == INVALID


@pytest.mark.parametrize("element", [True, None, 1.5, [], {}])
def test_an_action_is_a_name_or_an_id(as_alice: Connection, element: object) -> None:
    assert create(as_alice, actions=["GetDevice", element]) == refused(
        "token/create", 400, "Actions list should contain only Strings or Integers"
    )


def test_a_user_is_required(as_alice: Connection, as_bob: Connection) -> None:
    for connection in as_alice, as_bob:
        assert create(connection, actions=[0]) == refused(
            "token/create",
            400,
            "Error! Make sure, that the passed object is correct and properly structured. "
            "Validation failed: \nOn property userId (value: null): must not be null ; ",
        )


@pytest.mark.parametrize("user_id", [-1, 0, 999_999, 2**63 - 1])
def test_a_user_who_does_not_exist(as_alice: Connection, as_bob: Connection, user_id: int) -> None:
    assert create(as_alice, userId=user_id) == refused(
        "token/create", 404, f"User with id = {user_id} not found"
    )
    assert create(as_bob, userId=user_id) == FORBIDDEN


@pytest.mark.parametrize("status", [User.Status.LOCKED_OUT, User.Status.DISABLED])
def test_a_user_who_is_not_active_is_refused(as_alice: Connection, bob: User, status: int) -> None:
    User.objects.filter(pk=bob.pk).update(status=status)
    assert create(as_alice, userId=bob.pk) == refused(
        "token/create", 403, "User is locked or disabled"
    )


# a token allows its maker nothing new


def test_a_client_makes_its_own_token_again(
    as_bob: Connection, bob: User, network: Network
) -> None:
    access, _ = created(
        as_bob,
        userId=bob.pk,
        actions=sorted(CLIENT),
        networkIds=[str(network.pk)],
        deviceTypeIds=["*"],
    )
    assert (access.a, access.n, access.dt) == (tuple(sorted(CLIENT)), (str(network.pk),), ("*",))


@pytest.mark.parametrize(
    ("actions", "a"),
    [(None, (1,)), ([], ()), ([1], (1,)), (["GetDevice"], (3,)), (["bogus"], (1,))],
)
def test_what_a_client_may_allow_itself(
    as_bob: Connection, bob: User, actions: list[object] | None, a: tuple[int, ...]
) -> None:
    assert created(as_bob, userId=bob.pk, actions=actions)[0].a == a


@pytest.mark.parametrize("actions", [["*"], [0], ["ManageUser"], [14, 3], []])
def test_charlie_may_not_allow_himself_more(charlie: User, actions: list[object]) -> None:
    limited = connected(charlie, a=(3, 15))
    assert create(limited, userId=charlie.pk, actions=actions) == FORBIDDEN
    assert created(limited, userId=charlie.pk, actions=[3, 15])[0].a == (3, 15)


def test_charlie_may_not_make_tokens_for_others(
    as_charlie: Connection, alice: User, bob: User
) -> None:
    for user in alice, bob:
        assert create(as_charlie, userId=user.pk) == FORBIDDEN


def test_a_client_stays_in_its_networks(as_bob: Connection, bob: User, network: Network) -> None:
    for ids in [1], ["*"], [network.pk, 1]:
        assert create(as_bob, userId=bob.pk, networkIds=ids) == FORBIDDEN
    assert created(as_bob, userId=bob.pk, networkIds=[])[0].n == ()
    for own in [network.pk], None:
        assert created(as_bob, userId=bob.pk, networkIds=own)[0].n == (str(network.pk),)


def test_a_client_of_all_networks_may_name_any(bob: User) -> None:
    everywhere = connected(bob, n=("*",))
    for ids in ["*"], ["1"]:
        assert created(everywhere, userId=bob.pk, networkIds=ids)[0].n == tuple(ids)


def test_a_client_stays_with_its_types(bob: User) -> None:
    bob.all_device_types_available = False
    bob.save()
    bob.device_types.add(2)
    limited = connected(bob)
    for ids in [1], ["*"]:
        assert create(limited, userId=bob.pk, deviceTypeIds=ids) == FORBIDDEN
    assert created(limited, userId=bob.pk, deviceTypeIds=[2])[0].dt == ("2",)


@pytest.mark.parametrize(
    "wider",
    [{"actions": ["*"]}, {"networkIds": ["*"]}, {"networkIds": ["2"]}],
    ids=["actions", "all networks", "another network"],
)
def test_a_narrow_token_of_an_administrator_makes_no_wider_ones(
    alice: User, bob: User, wider: dict[str, Any]
) -> None:
    limited = connected(alice, a=(3, 15), n=("1",))
    assert create(limited, userId=bob.pk, **wider) == FORBIDDEN
    access, _ = created(limited, userId=bob.pk, actions=[3], networkIds=[1], deviceTypeIds=["*"])
    assert access == Claims(bob.pk, access.e, ACCESS, (3,), ("1",), ("*",))


@pytest.mark.parametrize("listed", [("1", "2"), ()], ids=["some", "none"])
def test_what_is_absent_is_the_list_of_the_makers_token(
    charlie: User, listed: tuple[str, ...]
) -> None:
    User.objects.update(all_device_types_available=False)
    charlie.refresh_from_db()
    limited = connected(charlie, n=listed, dt=listed)
    for claims in created(limited, userId=charlie.pk):
        assert (claims.n, claims.dt) == (listed, listed)


@pytest.mark.parametrize("own", [("*",), None], ids=["everything", "no list"])
def test_what_is_absent_stays_absent_where_the_makers_token_has_no_list(
    charlie: User, own: tuple[str, ...] | None
) -> None:
    for claims in created(connected(charlie, n=own, dt=own), userId=charlie.pk):
        assert (claims.n, claims.dt) == (None, None)


def test_ids_that_are_repeated_are_one(as_alice: Connection, bob: User) -> None:
    access, _ = created(
        as_alice, userId=bob.pk, networkIds=[7, "7", "007", 5] * 9, deviceTypeIds=["*", 3, "*"]
    )
    assert (access.n, access.dt) == (("7", "5"), ("*",))


@pytest.mark.parametrize("bound", ["MAX_MESSAGE_BYTES", "MAX_TOKEN_BYTES"])
def test_a_token_that_no_message_can_carry_or_no_connection_is_to_keep(
    settings: Any, as_alice: Connection, bob: User, bound: str
) -> None:
    setattr(settings, bound, 10_000)
    few, many = list(range(10_000, 10_500)), list(range(10_000, 11_500))
    access, _ = created(as_alice, userId=bob.pk, networkIds=few)
    assert len(access.n or ()) == len(few)
    too_long = "Token is too long: list fewer networks or device types"
    answer = create(as_alice, userId=bob.pk, networkIds=many)
    assert answer == refused("token/create", 400, too_long)


@pytest.mark.parametrize("member", ["expiration", "refreshExpiration"])
def test_a_lifetime_beyond_the_longest(
    settings: Any, as_alice: Connection, bob: User, member: str
) -> None:
    settings.LONGEST_TOKEN_SECONDS = 3_600
    soon, late = (int((time.time() + seconds) * 1000) for seconds in (3_500, 3_700))
    assert create(as_alice, userId=bob.pk, **{member: late}) == INVALID
    assert create(as_alice, userId=bob.pk, **{member: soon})["status"] == "success"


def test_a_connection_whose_token_has_expired_makes_none(
    monkeypatch: pytest.MonkeyPatch, as_bob: Connection, bob: User
) -> None:
    later = time.time() + settings.ACCESS_TOKEN_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert create(as_bob, userId=bob.pk) == refused("token/create", 401, "Token expired")


def test_compatible_mode_lets_anyone_make_any_token(
    settings: Any, as_charlie: Connection, alice: User
) -> None:
    settings.COMPATIBLE_MODE = True
    access, _ = created(as_charlie, userId=alice.pk, actions=["*"], networkIds=["*"])
    assert (access.u, access.a, access.n) == (alice.pk, (0,), ("*",))
