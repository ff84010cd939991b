"""What a user may do now: looked up where power is used (R-43), never taken from a token alone."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db.models import Exists

from devicehive.protocol import jwts
from devicehive.protocol.claims import ClaimsSet
from devicehive.protocol.permissions import ALL, CLIENT, NO_LIMIT, Principal, granted
from devicehive.protocol.refusals import ProtocolRefusal, Refusal
from devices.models import IssuedToken, User


def find_user(claims: ClaimsSet) -> tuple[User | None, bool]:
    """The user of a token, if it is there, and whether the token was revoked, or one that it was
    made of. One query."""
    revoked = IssuedToken.objects.filter(jti__in=claims.ids, revoked_at__isnull=False)
    found: Any = User.objects.annotate(is_revoked=Exists(revoked))
    user = found.filter(pk=claims.payload.u).first()
    return user, user is not None and user.is_revoked


def has_ended(user: User, claims: ClaimsSet, *, is_revoked: bool) -> bool:
    """Whether a token of the user is worth nothing any more (R-44)."""
    if settings.COMPATIBLE_MODE:
        return False
    is_old = claims.v < user.token_number and claims.fingerprint != user.kept_token
    return is_old or is_revoked


def principal_of(user: User, claims: ClaimsSet) -> Principal:
    """What a valid token makes of its user (2.5). A user with all types ignores the list."""
    said = claims.payload
    return Principal(
        user_id=user.pk,
        is_admin=user.is_admin,
        permissions=granted(said.a),
        networks=jwts.limit_of(said.n),
        device_types=NO_LIMIT if user.all_device_types_available else jwts.limit_of(said.dt),
        claims=claims,
    )


def unlimited(user: User) -> Principal:
    """The principal of someone the server already knows: the admin's user, a command's."""
    return Principal(
        user_id=user.pk,
        is_admin=user.is_admin,
        permissions=ALL if user.is_admin else CLIENT,
        networks=NO_LIMIT,
        device_types=NO_LIMIT,
    )


def judge(user: User | None, claims: ClaimsSet, *, is_revoked: bool) -> Principal | Refusal:
    """The principal of a token, or what it is refused with since it has lost its power (R-45)."""
    if user is None or not user.is_active:
        return ProtocolRefusal.UNAUTHORIZED
    if has_ended(user, claims, is_revoked=is_revoked):
        return ProtocolRefusal.TOKEN_EXPIRED
    return principal_of(user, claims)


def judge_known(principal: Principal, user: User | None) -> Principal | Refusal:
    """The same without a token."""
    if user is None or not user.is_active:
        return ProtocolRefusal.UNAUTHORIZED
    return replace(principal, is_admin=user.is_admin)


def renew(principal: Principal) -> Principal:
    """The principal as its user is now. Raises Refused if it has lost its power (R-43)."""
    if settings.COMPATIBLE_MODE:
        return principal
    if principal.claims is None:
        now = judge_known(principal, User.objects.filter(pk=principal.user_id).first())
    else:
        user, is_revoked = find_user(principal.claims)
        now = judge(user, principal.claims, is_revoked=is_revoked)
    if isinstance(now, Refusal):
        raise now()
    return now
