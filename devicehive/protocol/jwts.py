"""DeviceHive's JSON Web Tokens: a claim `payload`, and a key derived from the secret.

simplejwt's backend signs, and PyJWT below it verifies (HS256 only). simplejwt's Token classes are
not used: they insist on a top-level `exp`, which DeviceHive's tokens do not have.
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
    """Not a user token of this server: its form, signature or claims are wrong."""


class ExpiredToken(InvalidToken):
    """A foreign token with a standard `exp`, which we do not issue but honour."""


def sign(claims: ClaimsSet) -> str:
    """The token of these claims, which says also when it was made. Without an id it gets one."""
    jti = claims.jti or new_jti()
    beside = {"v": claims.v, "iat": int(time.time()), "jti": jti}
    return _backend(settings.JWT_SECRET).encode(msgspec.to_builtins(claims) | beside)


def new_jti() -> str:
    return secrets.token_hex(16)


def verify(token: str) -> ClaimsSet:
    """Return the claims of a token with a valid signature, expired or not.

    Raises InvalidToken, or ExpiredToken of those. A plugin token (`tpc`, no `u`) is invalid here.
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
    # Not by simplejwt's backend, which refuses an `iat` in the future: the clock of a client that
    # signs tokens may be ahead.
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
    """What an `n` or `dt` claim opens (2.5).

    Raises ValueError for an element that is neither `*` nor a number that fits a database column.
    """
    if claim is None:
        return UNLISTED
    ids = frozenset(_id(each) for each in claim if each != ANY_ID)
    return NO_LIMIT if ANY_ID in claim else Limit(ids=ids)


def _id(digits: str) -> int:
    # More lenient than the wire, `int` alone would take " 5", "1_0" and digits of any script.
    if not re.fullmatch(r"[0-9]{1,19}", digits) or int(digits) > LARGEST_ID:
        raise ValueError(f"no id: {digits}")
    return int(digits)


def expiry(seconds: int) -> int:
    """The `e` claim of a token that lives for so many seconds from now."""
    return int((time.time() + seconds) * 1000)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@cache
def _backend(secret: str) -> TokenBackend:
    return TokenBackend("HS256", signing_key(secret))  # type: ignore[arg-type]  # bytes are a key
