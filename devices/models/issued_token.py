"""The record of issued tokens."""

from django.db import models
from django.utils import timezone

from devices.models.user import LONGEST_LOGIN, User


class IssuedToken(models.Model):
    """A record that a pair of tokens was made for a user; the tokens themselves are not stored.

    Tokens are recorded if they were made for someone else, or with a lifetime of their own: in the
    admin, by `manage.py createtoken` or by `token/create`. Tokens of log-ins and refreshes are not,
    nor those that a client makes for itself, as DeviceHive's JavaScript client does at each
    connect: ten thousand devices that reconnect at once would cause as many writes; `lastLogin`
    shows these log-ins.
    Any token that is revoked is recorded from then on.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="issued_tokens")
    # A login, or the name of a command; not a foreign key, because the record outlives the user.
    issued_by = models.CharField(max_length=LONGEST_LOGIN)
    issued_at = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField()
    refreshable_until = models.DateTimeField(db_index=True)
    actions = models.TextField(null=True, blank=True)
    networks = models.TextField(null=True, blank=True)
    device_types = models.TextField(null=True, blank=True)
    jti = models.CharField(max_length=255, null=True, editable=False, db_index=True)
    """The id that both tokens share. None for tokens made by releases that had no ids."""
    ancestors = models.TextField(default="", db_default="", editable=False)
    """The ids of the tokens that these were made from, separated by spaces."""
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "issued token"

    def __str__(self) -> str:
        return f"{self.user}, {self.issued_at:%Y-%m-%d %H:%M}"
