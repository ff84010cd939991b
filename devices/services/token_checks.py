"""Check the tokens that clients send (protocol, 2.9 and 2.11)."""

from typing import NamedTuple

from devicehive.protocol import jwts
from devicehive.protocol.claims import ACCESS, REFRESH, ClaimsSet
from devicehive.protocol.jwts import ExpiredToken, InvalidToken
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devices.models import User
from devices.services import standing


class Worth(NamedTuple):
    """The type that a token must have, and the refusals of invalid tokens."""

    type: int
    invalid: ProtocolRefusal
    other_type: ProtocolRefusal
    expired: ProtocolRefusal


OF_ACCESS = Worth(
    ACCESS,
    invalid=ProtocolRefusal.INVALID_CREDENTIALS,
    other_type=ProtocolRefusal.INVALID_CREDENTIALS,
    expired=ProtocolRefusal.TOKEN_EXPIRED,
)
OF_REFRESH = Worth(
    REFRESH,
    invalid=ProtocolRefusal.UNAUTHORIZED,
    other_type=ProtocolRefusal.INVALID_TOKEN_TYPE,
    expired=ProtocolRefusal.REFRESH_TOKEN_EXPIRED,
)


Holder = tuple[User | None, bool]
"""The user of a token, if any, and whether the token was revoked (`standing.find_users`)."""


def read_access(token: str) -> ClaimsSet:
    """The claims of a valid access token; its user is not checked (2.9). Raises Refused."""
    return _read(token, OF_ACCESS)


def judge_access(claims: ClaimsSet, holder: Holder) -> User | Refused:
    """The active user of an access token, or why it is refused (2.9)."""
    return _judge(claims, holder, OF_ACCESS)


def verify_refresh(token: str) -> tuple[User, ClaimsSet]:
    """The active user of a refresh token, and its claims (2.11). Raises Refused."""
    claims = _read(token, OF_REFRESH)
    (holder,) = standing.find_users([claims])
    user = _judge(claims, holder, OF_REFRESH)
    if isinstance(user, Refused):
        raise user
    return user, claims


def _read(token: str, worth: Worth) -> ClaimsSet:
    try:
        claims = jwts.verify(token)
    except ExpiredToken:
        raise _refuse(worth.expired, "expired") from None
    except InvalidToken:
        raise _refuse(worth.invalid, "not signed by this server, or not whole") from None
    if claims.payload.t != worth.type:
        raise _refuse(worth.other_type, "a token of the other type", claims)
    if claims.payload.is_expired:
        raise _refuse(worth.expired, "expired", claims)
    return claims


def _judge(claims: ClaimsSet, holder: Holder, worth: Worth) -> User | Refused:
    user, is_revoked = holder
    if user is None or not user.is_active:
        return _refuse(worth.invalid, "the user is gone, or not active", claims)
    if standing.has_ended(user, claims, is_revoked=is_revoked):
        return _refuse(worth.expired, "revoked, or older than the user's password or role", claims)
    return user


def _refuse(refusal: ProtocolRefusal, reason: str, claims: ClaimsSet | None = None) -> Refused:
    """A refusal for which the log has the reason, which the client is not told, and the user."""
    user_id = claims and claims.payload.u
    return refusal().because("token refused", reason=reason, user=user_id)
