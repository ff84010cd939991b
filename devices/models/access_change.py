"""Messages between server processes about users whose access has changed."""

from django.db import models


class AccessChange(models.Model):
    """A record that the access of a user has changed: role, status, memberships, assigned types or
    tokens. Server processes tell each other of it. It says whose access changed, not how: each
    process reads the current state."""

    user_id = models.BigIntegerField()
    stored_at = models.DateTimeField(db_index=True)
    origin = models.BigIntegerField(null=True)
    """The server process that made it; null for a command line."""

    def __str__(self) -> str:
        return f"access of user {self.user_id}"
