"""The end of tokens (R-44): of all that a user has, or of one pair and what was made of it."""

from collections.abc import Collection, Iterator

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from devicehive.orm.compiled import many
from devicehive.protocol.claims import ClaimsSet
from devices.models import IssuedToken, User
from devices.services import access_changes, issued_tokens

UNRECORDED = "a log-in, or the user itself"
"""Who has made the tokens that come on record only when they are revoked."""


@transaction.atomic
def end_tokens(user_id: int, *, kept: ClaimsSet | None = None) -> None:
    """End all tokens of a user but the one that is kept, by which this was done. Its connections
    lose their power within a second (R-45)."""
    User.objects.filter(pk=user_id).update(
        token_number=F("token_number") + 1, kept_token=kept.fingerprint if kept else ""
    )
    access_changes.record([user_id])


def revoke(jtis: Collection[str]) -> int:
    """End the pairs of tokens with these ids, and all that was made of them by refreshing and by
    `token/create`, for whomever. Returns how many pairs on record have ended."""
    # Twice: what was being made of them meanwhile is on record when the first has been committed,
    # and nothing can be made of them after that.
    return _end_family(jtis) + _end_family(jtis)


def revoke_issued_by(login: str) -> int:
    """End all tokens on record that a user has made, for whomever, as `revoke` does."""
    issued = IssuedToken.objects.filter(issued_by=login, revoked_at=None)
    return revoke([jti for jti in issued.values_list("jti", flat=True) if jti])


def revoke_token(claims: ClaimsSet) -> int:
    """End a token, on record or not, as `revoke` does; one without an id cannot be ended."""
    if claims.jti is None:
        return 0
    # Those of a user who is gone are worth nothing; what was made of them for others is.
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
    """The keys of tokens that were made of others, each with the ids of those."""
    for pk, ancestors in issued.exclude(ancestors="").values_list("pk", "ancestors").iterator():
        yield pk, set(ancestors.split(" "))
