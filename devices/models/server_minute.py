"""What server processes did in each minute, for the page Activity of the admin."""

from django.db import models


class ServerMinute(models.Model):
    """What one process did in a minute, and how many connections it had at its end."""

    process = models.BigIntegerField()
    minute = models.DateTimeField(db_index=True)
    """When the minute began."""
    connections = models.PositiveIntegerField()
    saves = models.PositiveIntegerField()
    notifications = models.PositiveIntegerField()
    refusals = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.minute:%H:%M} of {self.process}"
