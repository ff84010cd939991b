"""The record of issued tokens; the model `IssuedToken` says which tokens are recorded."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from devicehive.protocol.claims import Claims, ClaimsSet
from devicehive.protocol.permissions import Permission
from devices.models import IssuedToken
from devices.refusals import UserRefusal

KEPT = timedelta(days=90)
"""How long a record is kept after the last of its tokens has expired."""
LAST_MOMENT = 253_402_300_799_000
"""The end of the year 9999, in milliseconds: tokens that others signed may claim to last longer."""


def record(pair: tuple[ClaimsSet, ClaimsSet], *, issued_by: str) -> None:
    """Note a pair of tokens. Raises Refused if their user is gone."""
    access, refresh = (claims.payload for claims in pair)
    _forget_old()
    try:
        with transaction.atomic():
            IssuedToken.objects.create(
                user_id=access.u,
                issued_by=issued_by,
                valid_until=_moment(access),
                refreshable_until=_moment(refresh),
                actions=_names(access.a),
                networks=_listed(access.n),
                device_types=_listed(access.dt),
                jti=pair[0].jti,
                ancestors=" ".join(pair[0].ancestors),
            )
    except IntegrityError:
        raise UserRefusal.NOT_FOUND(access.u) from None


def _forget_old() -> None:
    """Delete old records. A revoked one is kept as long as a token can live that a client made from
    it for itself, because such tokens have no record of their own."""
    latest = timezone.now() - KEPT
    lifetime = timedelta(seconds=settings.REFRESH_TOKEN_SECONDS)
    of_use = Q(revoked_at__gte=latest - lifetime)
    IssuedToken.objects.filter(refreshable_until__lt=latest).exclude(of_use).delete()


def _moment(claims: Claims) -> datetime:
    return datetime.fromtimestamp(max(0, min(claims.e, LAST_MOMENT)) / 1000, UTC)


def _names(actions: Iterable[int] | None) -> str | None:
    """The names of permissions: None if the claim is absent, "" for those of a client."""
    return None if actions is None else _listed(Permission(each).wire_name for each in actions)


def _listed(claim: Iterable[str] | None) -> str | None:
    return None if claim is None else ", ".join(claim)
