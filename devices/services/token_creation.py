"""`token/create`: check who may make which tokens, so that nobody gains rights by it (2.10)."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from devicehive.protocol import jwts
from devicehive.protocol.claims import ANY_ID
from devicehive.protocol.permissions import Limit, Permission, Principal, granted
from devicehive.protocol.refusals import ProtocolRefusal
from devices.models import User
from devices.refusals import TokenRefusal, UserRefusal
from devices.services import standing, users
from devices.services.tokens import Scope, TokenPair, issue, issue_on_record


def create(
    principal: Principal,
    user_id: int,
    scope: Scope,
    *,
    expiration: datetime | None,
    refresh_expiration: datetime | None,
) -> TokenPair:
    """Tokens that a principal makes for itself or, as an administrator, for others (2.10).

    Raises Refused.
    """
    if not settings.COMPATIBLE_MODE:
        scope = inherited(principal, scope)
        _check_grant(principal, user_id, scope)
        _check_lifetime(expiration, refresh_expiration)
    user = _find_user(principal, user_id)
    if user_id == principal.user_id and not (expiration or refresh_expiration):
        return issue(user, scope, made_of=principal.claims)
    return issue_on_record(
        user,
        scope,
        issued_by=users.login_of(principal),
        expiration=expiration,
        refresh_expiration=refresh_expiration,
        made_of=principal.claims,
    )


def _find_user(principal: Principal, user_id: int) -> User:
    """The active user that the tokens are for. Raises Refused."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserRefusal.NOT_FOUND(user_id)
    if not user.is_active:
        raise TokenRefusal.USER_NOT_ACTIVE()
    own = principal.claims if user_id == principal.user_id else None
    # Check again, with the row whose token number the new tokens get.
    if own and standing.has_ended(user, own, is_revoked=False):
        raise ProtocolRefusal.TOKEN_EXPIRED()
    return user


def inherited(principal: Principal, scope: Scope) -> Scope:
    """The scope, with absent lists replaced by those of the maker's own token (R-41)."""
    own = principal.claims.payload if principal.claims else None
    if own is None:
        return scope
    return replace(
        scope,
        networks=_own_if_absent(scope.networks, own.n),
        device_types=_own_if_absent(scope.device_types, own.dt),
    )


def _own_if_absent(
    listed: tuple[str, ...] | None, own: tuple[str, ...] | None
) -> tuple[str, ...] | None:
    return own if listed is None and own is not None and ANY_ID not in own else listed


def _check_grant(principal: Principal, user_id: int, scope: Scope) -> None:
    """Raises Refused if the tokens would allow more than their maker may do (R-07, R-42)."""
    if principal.claims and principal.claims.payload.is_expired:
        raise ProtocolRefusal.TOKEN_EXPIRED()
    may_grant = (
        (principal.is_admin or user_id == principal.user_id)
        and granted(scope.actions) - {Permission.NONE} <= principal.permissions
        and _within(scope.networks, principal.networks)
        and _within(scope.device_types, principal.device_types)
    )
    if not may_grant:
        raise ProtocolRefusal.ACCESS_DENIED()


def _within(listed: tuple[str, ...] | None, own: Limit) -> bool:
    if listed is None or own.is_everything:
        return True
    return ANY_ID not in listed and all(map(own.allows, jwts.limit_of(listed).ids or ()))


def _check_lifetime(*expirations: datetime | None) -> None:
    latest = timezone.now() + timedelta(seconds=settings.LONGEST_TOKEN_SECONDS)
    if any(each is not None and each > latest for each in expirations):
        raise ProtocolRefusal.INVALID_PARAMETERS()
