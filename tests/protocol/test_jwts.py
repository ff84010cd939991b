"""Tokens as DeviceHive signs and reads them (protocol, 2.1, 2.2 and Appendix C)."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from django.core.exceptions import ImproperlyConfigured

from devicehive import keys
from devicehive.protocol import jwts
from devicehive.protocol.claims import ACCESS, REFRESH, Claims, ClaimsSet
from devicehive.protocol.jwts import ExpiredToken, InvalidToken

# The protocol's own test secrets give short keys.
pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")

SECRET = "devicehive"
KEY = bytes.fromhex("75ebe271e862")
YEAR_2100 = 4102444800000
ADMIN: dict[str, Any] = {"u": 1, "a": [0], "n": ["*"], "dt": ["*"], "e": YEAR_2100, "t": ACCESS}
HEADER = "eyJhbGciOiJIUzI1NiJ9."


@pytest.fixture(autouse=True)
def secret(settings: Any) -> None:
    settings.JWT_SECRET = SECRET


def signed(payload: object, **claims: object) -> str:
    """A token with any claims at all, signed as a foreign issuer would."""
    return jwt.encode({"payload": payload, **claims}, KEY, "HS256")


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("devicehive", "75ebe271e862"),
        ("secret", "b1e72b"),
        ("c2VjcmV0MQ==", "73656372657431"),
        ("device hive!", "75ebe271e862"),
        ("devi-ce_hive", "75ebe271e862"),
        ("ab+/", "69bfbf"),
    ],
)
def test_the_key_is_the_secret_read_as_base64(secret: str, key: str) -> None:
    assert keys.signing_key(secret).hex() == key


@pytest.mark.parametrize("secret", ["", "abc", "!!!!", "===="])
def test_a_secret_that_gives_no_key_stops_the_start(secret: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="JWT_SECRET gives an empty key"):
        keys.signing_key(secret)


@pytest.mark.parametrize(
    ("secret", "token", "claims"),
    [
        (
            "devicehive",
            HEADER
            + "eyJwYXlsb2FkIjp7InUiOjEsImEiOlswXSwibiI6WyIqIl0sImR0IjpbIioiXSwiZSI6NDEwMjQ0NDgw"
            "MDAwMCwidCI6MX19.cTwrTgsPSVyngjEdQcfhKFbEG0WsAsQzcjXfmGzTKB8",
            Claims(1, YEAR_2100, ACCESS, (0,), ("*",), ("*",)),
        ),
        (
            "devicehive",
            HEADER
            + "eyJwYXlsb2FkIjp7InUiOjEsImEiOlswXSwibiI6WyIqIl0sImR0IjpbIioiXSwiZSI6NDEwMjQ0NDgw"
            "MDAwMCwidCI6MH19.Y8tJFaDPfiO5OfdXij8ZddkyI5CYHd-ipsHYtFg592o",
            Claims(1, YEAR_2100, REFRESH, (0,), ("*",), ("*",)),
        ),
        (
            "secret",
            HEADER
            + "eyJwYXlsb2FkIjp7InUiOjcsImEiOlsyLDMsMTddLCJuIjpbIjUiXSwiZHQiOlsiKiJdLCJlIjo0MTAy"
            "NDQ0ODAwMDAwLCJ0IjoxfX0.5v47sEdBQCUAGxFgtz4022F5kSaL-zXYFJtYCL5lD_E",
            Claims(7, YEAR_2100, ACCESS, (2, 3, 17), ("5",), ("*",)),
        ),
    ],
)
def test_tokens_of_the_reference_server(
    settings: Any, secret: str, token: str, claims: Claims
) -> None:
    settings.JWT_SECRET = secret
    assert jwts.verify(token).payload == claims


def test_an_issued_token_is_read_back() -> None:
    claims = Claims(7, YEAR_2100, REFRESH, (2, 3), ("5",), ())
    assert jwts.verify(jwts.sign(ClaimsSet(claims))).payload == claims


def test_an_issued_token_says_beside_the_payload_what_ends_it() -> None:
    before = int(time.time())
    token = jwts.sign(
        ClaimsSet(Claims(7, YEAR_2100, ACCESS, (0,), ("*",)), 3, "a pair", ("made of it",))
    )
    claims = jwt.decode(token, KEY, ["HS256"])
    assert before <= claims.pop("iat") <= time.time()
    assert claims == {
        "payload": {"u": 7, "e": YEAR_2100, "t": 1, "a": [0], "n": ["*"]},
        "v": 3,
        "jti": "a pair",
        "ancestors": ["made of it"],
    }


def test_no_character_of_a_token_may_be_another() -> None:
    token = signed(ADMIN)
    for position, character in enumerate(token):
        other = "A" if character != "A" else "B"
        with pytest.raises(InvalidToken):
            jwts.verify(token[:position] + other + token[position + 1 :])


def test_tokens_from_elsewhere_have_no_number_and_no_id() -> None:
    claims = jwts.verify(signed(ADMIN))
    assert (claims.v, claims.jti) == (0, None)


def test_no_two_tokens_are_alike() -> None:
    claims = ClaimsSet(Claims(7, YEAR_2100, ACCESS))
    ours = [jwts.verify(jwts.sign(claims)).fingerprint for _ in range(2)]
    assert len(set(ours)) == 2


@pytest.mark.parametrize("iat", [0, YEAR_2100, -1.5, "soon", None])
def test_when_it_was_issued_is_for_information(iat: object) -> None:
    assert jwts.verify(signed(ADMIN, iat=iat)).payload.u == 1


@pytest.mark.parametrize(
    "beside",
    [
        {"v": "1"},
        {"v": None},
        {"v": 1.5},
        {"v": True},
        {"jti": 7},
        {"ancestors": [7]},
        # What no database holds: all that are looked up with it would fail.
        {"jti": "\0"},
        {"jti": "a \ud800"},
        {"ancestors": ["\0"]},
        {"ancestors": ["\udfff"]},
    ],
)
def test_what_ends_tokens_must_be_legible(beside: dict[str, object]) -> None:
    with pytest.raises(InvalidToken):
        jwts.verify(signed(ADMIN, **beside))


def test_claims_that_may_be_absent() -> None:
    assert jwts.verify(signed({"u": 1, "e": YEAR_2100, "t": 1})).payload == Claims(
        1, YEAR_2100, ACCESS
    )


def test_unknown_claims_are_ignored() -> None:
    assert jwts.verify(signed(ADMIN | {"x": 1}, iss="elsewhere", aud="anyone")).payload.u == 1


@pytest.mark.parametrize(
    "change",
    [
        {"u": None},
        {"u": "1"},
        {"u": 1.0},
        {"u": True},
        {"u": 2**63},
        {"u": -(2**70)},
        {"e": None},
        {"e": "4102444800000"},
        {"t": None},
        {"t": 2},
        {"t": "1"},
        {"t": True},
        {"a": [19]},
        {"a": [-1]},
        {"a": ["GetDevice"]},
        {"a": 0},
        {"n": [5]},
        {"n": ["x"]},
        {"n": [""]},
        {"n": [" 5"]},
        {"n": ["1_0"]},
        {"n": ["\u0661"]},
        {"n": ["9223372036854775808"]},
        {"n": ["*", "x"]},
        {"n": "*"},
        {"dt": [5]},
        {"dt": ["x"]},
        {"dt": ["123456789012345678901234567890"]},
    ],
)
def test_a_wrong_claim_makes_a_token_invalid(change: dict[str, object]) -> None:
    payload = {key: value for key, value in (ADMIN | change).items() if value is not None}
    with pytest.raises(InvalidToken):
        jwts.verify(signed(payload))


@pytest.mark.parametrize("payload", [None, 5, "text", [], {}])
def test_a_payload_that_is_none(payload: object) -> None:
    with pytest.raises(InvalidToken):
        jwts.verify(signed(payload))


def test_a_plugin_token_is_no_user_token() -> None:
    with pytest.raises(InvalidToken):
        jwts.verify(signed({"tpc": "topic", "a": [0], "e": YEAR_2100, "t": ACCESS}))


@pytest.mark.parametrize("token", ["", "..", "a.b.c", "é.é.é", "\0", "W10.e30.x"])
def test_what_is_no_token(token: str) -> None:
    with pytest.raises(InvalidToken):
        jwts.verify(token)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (b"another key", "HS256"),
        (SECRET.encode(), "HS256"),
        (KEY, "HS512"),
        (None, "none"),
    ],
)
def test_a_token_signed_by_someone_else_or_not_at_all(key: Any, algorithm: str) -> None:
    with pytest.raises(InvalidToken):
        jwts.verify(jwt.encode({"payload": ADMIN}, key, algorithm))


def test_a_token_that_was_cut_off() -> None:
    with pytest.raises(InvalidToken):
        jwts.verify(signed(ADMIN)[:-1])


def test_a_token_without_a_payload() -> None:
    with pytest.raises(InvalidToken):
        jwts.verify(jwt.encode({"u": 1, "e": YEAR_2100, "t": ACCESS}, KEY, "HS256"))


def test_a_header_nested_100_000_deep() -> None:
    header = b'{"alg": "HS256", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(InvalidToken):
        jwts.verify(base64.urlsafe_b64encode(header).decode().rstrip("=") + ".e30.x")


def test_a_payload_nested_100_000_deep() -> None:
    nested = b'{"payload": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(InvalidToken):
        jwts.verify(jwt.api_jws.encode(nested, KEY, "HS256"))


def test_a_changed_payload_breaks_the_signature() -> None:
    head, _, signature = signed(ADMIN).split(".")
    forged = json.dumps({"payload": ADMIN | {"u": 2}}).encode()
    with pytest.raises(InvalidToken):
        jwts.verify(f"{head}.{base64.urlsafe_b64encode(forged).decode().rstrip('=')}.{signature}")


def test_a_header_may_say_more() -> None:
    token = jwt.encode({"payload": ADMIN}, KEY, "HS256", headers={"typ": "JWT", "kid": "1"})
    assert jwts.verify(token).payload.u == 1


def test_an_expired_token_is_read_and_says_so() -> None:
    now = int(time.time() * 1000)
    assert jwts.verify(signed(ADMIN | {"e": now - 1000})).payload.is_expired
    assert not jwts.verify(signed(ADMIN | {"e": now + 60_000})).payload.is_expired


def test_the_standard_expiry_of_a_foreign_token_is_honoured() -> None:
    with pytest.raises(ExpiredToken):
        jwts.verify(signed(ADMIN, exp=1))
    assert jwts.verify(signed(ADMIN, exp=YEAR_2100 // 1000)).payload.u == 1


@pytest.mark.parametrize(
    ("listed", "ids"),
    [
        (None, None),
        ((), frozenset()),
        (("5", "12"), frozenset({5, 12})),
        (("*",), None),
        (("5", "*"), None),
    ],
)
def test_the_ids_of_a_list(listed: tuple[str, ...] | None, ids: frozenset[int] | None) -> None:
    assert jwts.limit_of(listed).ids == ids


TOMORROW = datetime.now(UTC) + timedelta(days=1)
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def test_what_a_former_secret_has_signed_is_good_until_its_day(settings: Any) -> None:
    claims = Claims(7, YEAR_2100, ACCESS, (0,), ("*",), ("*",))
    token = jwts.sign(ClaimsSet(claims))
    settings.JWT_SECRET = "bmV3IHNlY3JldA=="
    settings.FORMER_JWT_SECRETS = [("b3RoZXI=", TOMORROW), (SECRET, TOMORROW)]
    assert jwts.verify(token).payload == claims
    assert jwts.verify(jwts.sign(ClaimsSet(claims))).payload == claims
    settings.FORMER_JWT_SECRETS = [("b3RoZXI=", TOMORROW), (SECRET, YESTERDAY)]
    with pytest.raises(InvalidToken):
        jwts.verify(token)


def test_a_former_secret_signs_nothing_new(settings: Any) -> None:
    settings.JWT_SECRET = "bmV3IHNlY3JldA=="
    settings.FORMER_JWT_SECRETS = [(SECRET, TOMORROW)]
    token = jwts.sign(ClaimsSet(Claims(7, YEAR_2100, ACCESS, (0,), ("*",), ("*",))))
    settings.FORMER_JWT_SECRETS = []
    assert jwts.verify(token).payload.u == 7


def test_an_expired_token_of_a_former_secret_is_expired(settings: Any) -> None:
    token = signed(ADMIN, exp=1)
    settings.JWT_SECRET = "bmV3IHNlY3JldA=="
    settings.FORMER_JWT_SECRETS = [(SECRET, TOMORROW)]
    with pytest.raises(ExpiredToken):
        jwts.verify(token)


def test_a_token_that_is_longer_than_allowed_is_invalid(settings: Any) -> None:
    """Each connection would keep what it lists."""
    token = signed(ADMIN | {"n": [str(number) for number in range(10_000, 10_500)]})
    settings.MAX_TOKEN_BYTES = len(token)
    assert len(jwts.verify(token).payload.n or ()) == 500
    settings.MAX_TOKEN_BYTES = len(token) - 1
    with pytest.raises(InvalidToken):
        jwts.verify(token)
