"""What server processes tell each other of the users that they serve."""

from django.db import models


class AccessChange(models.Model):
    """Says that what a user may do or see has changed: a role, a status, a membership, the types
    assigned, or the tokens. It is a message from server process to server process, which says of
    whom, not what: who hears of it reads how things are."""

    user_id = models.BigIntegerField()
    stored_at = models.DateTimeField(db_index=True)
    origin = models.BigIntegerField(null=True)
    """The server process that made it; null for a command line."""

    def __str__(self) -> str:
        return f"access of user {self.user_id}"
