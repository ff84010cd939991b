"""Revoke tokens (R-44): all of a user, or one pair and all tokens made from it."""

from collections.abc import Collection, Iterator

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from devicehive.orm.compiled import many
from devicehive.protocol.claims import ClaimsSet
from devices.models import IssuedToken, User
from devices.services import access_changes, issued_tokens

UNRECORDED = "a log-in, or the user itself"
"""Who made a token that is recorded only when it is revoked."""


@transaction.atomic
def end_tokens(user_id: int, *, kept: ClaimsSet | None = None) -> None:
    """Revoke all tokens of a user except `kept`, the token of the caller. The user's connections
    lose their rights within a second (R-45)."""
    User.objects.filter(pk=user_id).update(
        token_number=F("token_number") + 1, kept_token=kept.fingerprint if kept else ""
    )
    access_changes.record([user_id])


def revoke(jtis: Collection[str]) -> int:
    """Revoke the pairs of tokens with these ids, and all tokens made from them by refreshing and by
    `token/create`, for any user. Returns how many recorded pairs were revoked."""
    # Twice: after the first has been committed, no tokens can be made from these any more, and
    # those that were being made meanwhile are recorded.
    return _end_family(jtis) + _end_family(jtis)


def revoke_issued_by(login: str) -> int:
    """Revoke all recorded tokens that a user has made, for any user, as `revoke` does."""
    issued = IssuedToken.objects.filter(issued_by=login, revoked_at=None)
    return revoke([jti for jti in issued.values_list("jti", flat=True) if jti])


def revoke_token(claims: ClaimsSet) -> int:
    """Revoke a token, recorded or not, as `revoke` does. A token without an id cannot be revoked
    alone; the result is then 0."""
    if claims.jti is None:
        return 0
    # Tokens of a deleted user are invalid, but tokens made from them for others are not.
    is_there = User.objects.filter(pk=claims.payload.u).exists()
    if is_there and not IssuedToken.objects.filter(jti=claims.jti).exists():
        issued_tokens.record((claims, claims), issued_by=UNRECORDED)
    return revoke([claims.jti])


@transaction.atomic
def _end_family(jtis: Collection[str]) -> int:
    valid = IssuedToken.objects.filter(revoked_at=None, jti__isnull=False)
    made = [pk for pk, ids in _descendants(valid) if not ids.isdisjoint(jtis)]
    ended = valid.filter(Q(jti__among=many(jtis)) | Q(pk__among=many(made)))
    users = set(ended.values_list("user_id", flat=True))
    count = ended.update(revoked_at=timezone.now())
    access_changes.record(users)
    return count


def _descendants(issued: QuerySet[IssuedToken]) -> Iterator[tuple[int, set[str]]]:
    """The keys of tokens made from other tokens, each with the ids of those tokens."""
    for pk, ancestors in issued.exclude(ancestors="").values_list("pk", "ancestors").iterator():
        yield pk, set(ancestors.split(" "))
