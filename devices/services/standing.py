"""Look up what a user may do now, at each use (R-43): a token alone is never enough."""

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from devicehive.orm.compiled import Select, execute
from devicehive.orm.records import column_names, read_records
from devicehive.protocol import jwts
from devicehive.protocol.claims import ClaimsSet
from devicehive.protocol.permissions import ALL, CLIENT, NO_LIMIT, Principal, granted
from devicehive.protocol.refusals import ProtocolRefusal, Refusal
from devices.models import IssuedToken, User

_USERS = Select(lambda ids: User.objects.filter(id__among=ids).values_list(*column_names(User)))
_REVOKED = Select(
    lambda jtis: (
        IssuedToken.objects.filter(jti__among=jtis)
        .filter(revoked_at__isnull=False)
        .values_list("jti")
    )
)


def find_users(tokens: Sequence[ClaimsSet]) -> list[tuple[User | None, bool]]:
    """The user of each token, or None if it was deleted, and whether the token, or a token that it
    was made from, was revoked. Takes one query."""
    found, revoked = execute(
        _USERS.among({claims.payload.u for claims in tokens}),
        _REVOKED.among({jti for claims in tokens for jti in claims.ids}),
    )
    users = {user.pk: user for user in read_records(User, found)}
    ended = {jti for (jti,) in revoked}
    return [(users.get(claims.payload.u), not ended.isdisjoint(claims.ids)) for claims in tokens]


def has_ended(user: User, claims: ClaimsSet, *, is_revoked: bool) -> bool:
    """Whether a token of the user is no longer valid (R-44)."""
    if settings.COMPATIBLE_MODE:
        return False
    is_old = claims.v < user.token_number and claims.fingerprint != user.kept_token
    return is_old or is_revoked


def principal_of(user: User, claims: ClaimsSet) -> Principal:
    """The principal of a valid token (2.5). The token's list of types does not limit a user who may
    use all types."""
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
    """The principal of a user who acts without a token, in the admin or in a command."""
    return Principal(
        user_id=user.pk,
        is_admin=user.is_admin,
        permissions=ALL if user.is_admin else CLIENT,
        networks=NO_LIMIT,
        device_types=NO_LIMIT,
    )


def judge(user: User | None, claims: ClaimsSet, *, is_revoked: bool) -> Principal | Refusal:
    """The principal of a token, or the refusal if it is no longer valid (R-45)."""
    if user is None or not user.is_active:
        return ProtocolRefusal.UNAUTHORIZED
    if has_ended(user, claims, is_revoked=is_revoked):
        return ProtocolRefusal.TOKEN_EXPIRED
    return principal_of(user, claims)


def judge_known(principal: Principal, user: User | None) -> Principal | Refusal:
    """Do what `judge` does, for a principal without a token."""
    if user is None or not user.is_active:
        return ProtocolRefusal.UNAUTHORIZED
    return replace(principal, is_admin=user.is_admin)


def renew(principal: Principal) -> Principal:
    """The principal with its user's current rights. Raises Refused if it has lost them (R-43)."""
    if settings.COMPATIBLE_MODE:
        return principal
    if principal.claims is None:
        now = judge_known(principal, User.objects.filter(pk=principal.user_id).first())
    else:
        ((user, is_revoked),) = find_users([principal.claims])
        now = judge(user, principal.claims, is_revoked=is_revoked)
    if isinstance(now, Refusal):
        raise now()
    return now
