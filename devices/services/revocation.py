"""The end of tokens (R-44): of all that a user has, or of one pair that is on record."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from devicehive.protocol.claims import ClaimsSet
from devices.models import IssuedToken, User
from devices.services import access_changes


@transaction.atomic
def end_tokens(user_id: int, *, kept: ClaimsSet | None = None) -> None:
    """End all tokens of a user but the one that is kept, by which this was done. Its connections
    lose their power within a second (R-45)."""
    User.objects.filter(pk=user_id).update(
        token_number=F("token_number") + 1, kept_token=kept.fingerprint if kept else ""
    )
    access_changes.record([user_id])


@transaction.atomic
def revoke(issued: IssuedToken) -> bool:
    """End a pair of tokens on record, and what was made of them by refreshing. False if that was
    done before, or the pair is from before tokens had ids."""
    found = IssuedToken.objects.filter(pk=issued.pk, revoked_at=None, jti__isnull=False)
    if not found.update(revoked_at=timezone.now()):
        return False
    access_changes.record([issued.user_id])
    return True
