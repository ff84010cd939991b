"""Signs and verifies DeviceHive's JSON Web Tokens.

They have a claim `payload`, and a key derived from the secret. simplejwt's backend signs them;
PyJWT, on which it is built, verifies them (HS256 only). simplejwt's Token classes are not used:
they require a top-level `exp`, which DeviceHive's tokens do not have.
"""

import re
import secrets
import time
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
import msgspec
from django.conf import settings
from jwt.warnings import InsecureKeyLengthWarning
from rest_framework_simplejwt.backends import TokenBackend

from devicehive.keys import signing_key
from devicehive.protocol.claims import (
    ACCESS,
    ANY_ID,
    LARGEST_ID,
    REFRESH,
    ClaimsSet,
)
from devicehive.protocol.permissions import NO_LIMIT, UNLISTED, Limit, granted

# DeviceHive derives the key from the secret as if it were Base64 (see `signing_key`), so a key
# of 6 bytes for the secret `devicehive` is right. `manage.py check` warns of weak secrets.
warnings.filterwarnings("ignore", category=InsecureKeyLengthWarning)


class InvalidToken(Exception):  # noqa: N818  # named as PyJWT and simplejwt name theirs
    """The token is not a user token of this server: its form, signature or claims are wrong."""


class ExpiredToken(InvalidToken):
    """The token was issued elsewhere and its standard `exp` claim has passed. This server issues no
    `exp`, but respects it."""


def sign(claims: ClaimsSet) -> str:
    """Sign a token with these claims and the current time as `iat`. If they have no `jti`, it gets
    a new one."""
    jti = claims.jti or new_jti()
    beside = {"v": claims.v, "iat": int(time.time()), "jti": jti}
    return _backend(settings.JWT_SECRET).encode(msgspec.to_builtins(claims) | beside)


def new_jti() -> str:
    return secrets.token_hex(16)


def verify(token: str) -> ClaimsSet:
    """Return the claims of a token with a valid signature, even if its `e` has passed.

    Raises InvalidToken, or its subclass ExpiredToken. A plugin token (`tpc`, no `u`) is invalid.
    """
    if len(token) > settings.MAX_TOKEN_BYTES:
        raise InvalidToken("longer than MAX_TOKEN_BYTES")
    try:
        claims = msgspec.convert(_verified(token), ClaimsSet)
        granted(claims.payload.a)
        limit_of(claims.payload.n)
        limit_of(claims.payload.dt)
    except jwt.ExpiredSignatureError:
        raise ExpiredToken from None
    except (jwt.InvalidTokenError, msgspec.ValidationError, ValueError) as error:
        raise InvalidToken(str(error)) from None
    if claims.payload.t not in (ACCESS, REFRESH):
        raise InvalidToken("token type")
    return claims


def _verified(token: str) -> dict[str, Any]:
    # simplejwt's backend would refuse an `iat` in the future, but the clock of a client that signs
    # its own tokens may be ahead.
    try:
        return _decoded(token, settings.JWT_SECRET)
    except jwt.InvalidSignatureError:
        for secret, until in settings.FORMER_JWT_SECRETS:
            if datetime.now(UTC) < until:
                with suppress(jwt.InvalidSignatureError):
                    return _decoded(token, secret)
        raise


def _decoded(token: str, secret: str) -> dict[str, Any]:
    key = _backend(secret).prepared_signing_key
    return jwt.decode(token, key, ["HS256"], {"verify_aud": False, "verify_iat": False})


def limit_of(claim: tuple[str, ...] | None) -> Limit:
    """The limit that an `n` or `dt` claim sets (2.5).

    Raises ValueError for an element that is neither `*` nor a number that fits a database column.
    """
    if claim is None:
        return UNLISTED
    ids = frozenset(_id(each) for each in claim if each != ANY_ID)
    return NO_LIMIT if ANY_ID in claim else Limit(ids=ids)


def _id(digits: str) -> int:
    # `int` alone would be too lenient: it takes " 5", "1_0" and digits of any script.
    if not re.fullmatch(r"[0-9]{1,19}", digits) or int(digits) > LARGEST_ID:
        raise ValueError(f"no id: {digits}")
    return int(digits)


def expiry(seconds: int) -> int:
    """The `e` claim of a token that expires in so many seconds: milliseconds since 1970."""
    return int((time.time() + seconds) * 1000)


def milliseconds(moment: datetime) -> int:
    """A moment in milliseconds since 1970, as in the `e` claim."""
    return int(moment.timestamp() * 1000)


@cache
def _backend(secret: str) -> TokenBackend:
    return TokenBackend("HS256", signing_key(secret))  # type: ignore[arg-type]  # bytes are a key
