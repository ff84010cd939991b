"""Which server processes live: each writes a beat, and who writes none is dead (ADR 30)."""

import os
import socket
from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from devicehive.events.event import PROCESS
from devices.models import LONGEST_PROCESS_NAME, ServerProcess

PRESUMED_DEAD = timedelta(seconds=20)
"""How long no beat may come: several of them, and little enough that a device is not said to be
connected 30 s after its process was killed."""


def beat() -> bool:
    """Say that this process lives. False if nobody knew that."""
    if ServerProcess.objects.filter(pk=PROCESS).update(beat_at=Now()):
        return True
    name = f"{socket.gethostname()}:{os.getpid()}"[:LONGEST_PROCESS_NAME]
    ServerProcess.objects.create(pk=PROCESS, name=name, beat_at=Now())
    return False


def resign() -> None:
    """Say that this process lives no more."""
    ServerProcess.objects.filter(pk=PROCESS).delete()


def living() -> QuerySet[ServerProcess]:
    return ServerProcess.objects.filter(beat_at__gte=Now() - PRESUMED_DEAD)


def bury() -> None:
    """Forget the dead."""
    ServerProcess.objects.filter(beat_at__lt=Now() - PRESUMED_DEAD).delete()
