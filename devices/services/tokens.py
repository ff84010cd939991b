"""Issue and refresh tokens (protocol, 2.5 to 2.11)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.conf import settings

from devicehive.protocol import jwts
from devicehive.protocol.claims import ACCESS, ANY_ID, REFRESH, Claims, ClaimsSet
from devicehive.protocol.permissions import CLIENT, Permission
from devices.models import User
from devices.refusals import TokenRefusal
from devices.services import issued_tokens, last_logins, token_checks

ENVELOPE_BYTES = 128
"""How much shorter than the longest message a token must be, so that `authenticate` can send it."""

LONGEST_TOKEN_DAYS = 36_500
"""The longest lifetime of tokens made by hand: a hundred years, which overflows no date."""

LONGEST_DESCENT = 16
"""How many generations of tokens made from tokens have ids of their own."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token allows: the claims `a`, `n` and `dt`."""

    actions: tuple[int, ...] | None
    networks: tuple[str, ...] | None
    device_types: tuple[str, ...] | None


def scope_of(user: User) -> Scope:
    """What the role allows (2.6): everything, or the client set within the user's networks."""
    networks = user.networks.order_by("id").values_list("id", flat=True)
    types = user.device_types.order_by("id").values_list("id", flat=True)
    return scope_within(user, networks, types)


def scope_within(user: User, networks: Iterable[int], device_types: Iterable[int]) -> Scope:
    """What the role allows within the networks and device types given, each read at most once."""
    if user.is_admin:
        return Scope((Permission.ANY.value,), (ANY_ID,), (ANY_ID,))
    types: tuple[str, ...] = (ANY_ID,)
    if not user.all_device_types_available:
        types = tuple(map(str, device_types))
    return Scope(tuple(sorted(CLIENT)), tuple(map(str, networks)), types)


def issue(
    user: User,
    scope: Scope,
    *,
    expiration: datetime | None = None,
    refresh_expiration: datetime | None = None,
    made_of: ClaimsSet | None = None,
) -> TokenPair:
    """Sign tokens for `user`, which are revoked with the token they are `made_of`. The refresh
    token lives as long as requested, else as long as requested for the access token, else
    REFRESH_TOKEN_SECONDS (2.10). Raises Refused if a token is too long, alone or for a message."""
    refresh_expiration = refresh_expiration or expiration
    access_e = jwts.expiry(settings.ACCESS_TOKEN_SECONDS)
    refresh_e = jwts.expiry(settings.REFRESH_TOKEN_SECONDS)
    if expiration:
        access_e = jwts.milliseconds(expiration)
    if refresh_expiration:
        refresh_e = jwts.milliseconds(refresh_expiration)

    jti, ancestors = descend(made_of)

    def signed(e: int, t: int) -> str:
        payload = Claims(
            u=user.pk, e=e, t=t, a=scope.actions, n=scope.networks, dt=scope.device_types
        )
        return _sign(ClaimsSet(payload, user.token_number, jti, ancestors))

    return TokenPair(access=signed(access_e, ACCESS), refresh=signed(refresh_e, REFRESH))


def descend(made_of: ClaimsSet | None) -> tuple[str, tuple[str, ...]]:
    """The id of a new pair, and the ids of the tokens it is made from and revoked with (R-44).

    If each token is made from the last, they would grow without bound: after LONGEST_DESCENT
    generations they share an id, and are revoked together.
    """
    if made_of is None:
        return jwts.new_jti(), ()
    if made_of.jti and len(made_of.ids) > LONGEST_DESCENT:
        return made_of.jti, made_of.ancestors
    return jwts.new_jti(), made_of.ids


def _sign(claims: ClaimsSet) -> str:
    token = jwts.sign(claims)
    if len(token) > min(settings.MAX_TOKEN_BYTES, settings.MAX_MESSAGE_BYTES - ENVELOPE_BYTES):
        raise TokenRefusal.TOO_LONG()
    return token


def issue_on_record(
    user: User,
    scope: Scope,
    *,
    issued_by: str,
    expiration: datetime | None = None,
    refresh_expiration: datetime | None = None,
    made_of: ClaimsSet | None = None,
) -> TokenPair:
    """Sign tokens as `issue` does, and record who made them. Raises Refused."""
    pair = issue(
        user,
        scope,
        expiration=expiration,
        refresh_expiration=refresh_expiration,
        made_of=made_of,
    )
    claims = jwts.verify(pair.access), jwts.verify(pair.refresh)
    issued_tokens.record(claims, issued_by=issued_by)
    return pair


def refresh(token: str) -> str:
    """A new access token with the scope of a refresh token (2.11). Raises Refused."""
    user, claims = token_checks.verify_refresh(token)
    last_logins.record(user)
    e = jwts.expiry(settings.ACCESS_TOKEN_SECONDS)
    payload = msgspec.structs.replace(claims.payload, e=e, t=ACCESS)
    return _sign(msgspec.structs.replace(claims, payload=payload, v=user.token_number))
