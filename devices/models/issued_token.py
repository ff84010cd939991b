"""Records of tokens that were made for somebody."""

from django.db import models
from django.utils import timezone

from devices.models.user import LONGEST_LOGIN, User


class IssuedToken(models.Model):
    """Says that tokens were made for a user; the tokens themselves are kept nowhere.

    Recorded are those that someone makes for another or with a lifetime of their own: in the
    admin, by `manage.py createtoken`, by `token/create`. Log-ins and refreshes are not, nor the
    tokens that a client makes for itself as DeviceHive's JavaScript client does at every connect:
    ten thousand devices that come back at once would be as many writes. `lastLogin` tells of them.
    Of those that are revoked all the same, there is a record from then on.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="issued_tokens")
    # A login, or the name of a command; no reference, because the record outlives who made it.
    issued_by = models.CharField(max_length=LONGEST_LOGIN)
    issued_at = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField()
    refreshable_until = models.DateTimeField(db_index=True)
    actions = models.TextField(null=True, blank=True)
    networks = models.TextField(null=True, blank=True)
    device_types = models.TextField(null=True, blank=True)
    jti = models.CharField(max_length=255, null=True, editable=False, db_index=True)
    """Of both tokens. None for those made before there was one."""
    ancestors = models.TextField(default="", db_default="", editable=False)
    """The ids of the tokens that these were made of, separated by spaces."""
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "issued token"

    def __str__(self) -> str:
        return f"{self.user}, {self.issued_at:%Y-%m-%d %H:%M}"
