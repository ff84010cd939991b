"""DeviceHive's JSON Web Tokens: one claim, `payload`, and a key derived from the secret.

simplejwt's backend signs and verifies (HS256 only). Its Token classes are not used: they insist
on top-level `exp` and `jti` claims, which DeviceHive's tokens do not have.
"""

import re
import time
import warnings
from datetime import datetime
from functools import cache
from typing import Annotated, Final

import msgspec
from django.conf import settings
from jwt.warnings import InsecureKeyLengthWarning
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

from devicehive.keys import signing_key
from devicehive.protocol.permissions import NO_LIMIT, UNLISTED, Limit, granted

ACCESS: Final = 1
REFRESH: Final = 0
ANY_ID: Final = "*"

# DeviceHive derives the key from the secret as if it were Base64 (see `signing_key`), so a key
# of 6 bytes for the secret `devicehive` is right. `manage.py check` warns of weak secrets.
warnings.filterwarnings("ignore", category=InsecureKeyLengthWarning)


LARGEST_ID: Final = 2**63 - 1


class Claims(msgspec.Struct, frozen=True, omit_defaults=True):
    """The `payload` claim of a user token (protocol, 2.1): `e` in milliseconds since 1970."""

    u: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_ID)]
    e: int
    t: int
    a: tuple[int, ...] | None = None
    n: tuple[str, ...] | None = None
    dt: tuple[str, ...] | None = None

    @property
    def is_expired(self) -> bool:
        return self.e < time.time() * 1000


class InvalidToken(Exception):  # noqa: N818  # named as PyJWT and simplejwt name theirs
    """Not a user token of this server: its form, signature or claims are wrong."""


class ExpiredToken(InvalidToken):
    """A foreign token with a standard `exp`, which we do not issue but honour."""


def sign(claims: Claims) -> str:
    """Sign `claims`."""
    return _backend(settings.JWT_SECRET).encode({"payload": msgspec.to_builtins(claims)})


def verify(token: str) -> Claims:
    """Return the claims of a token with a valid signature, expired or not.

    Raises InvalidToken, or ExpiredToken of those. A plugin token (`tpc`, no `u`) is invalid here.
    """
    try:
        payload = _backend(settings.JWT_SECRET).decode(token).get("payload")  # type: ignore[arg-type]  # simplejwt means text by "Token"
        claims = msgspec.convert(payload, Claims)
        granted(claims.a)
        limit_of(claims.n)
        limit_of(claims.dt)
    except TokenBackendExpiredToken:
        raise ExpiredToken from None
    except (TokenBackendError, msgspec.ValidationError, ValueError) as error:
        raise InvalidToken(str(error)) from None
    if claims.t not in (ACCESS, REFRESH):
        raise InvalidToken("token type")
    return claims


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
