"""Which server processes live: each writes a beat, and who writes none is dead (ADR 30)."""

import os
import socket
from datetime import timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now

from devicehive import metrics
from devicehive.events.event import PROCESS
from devices.models import LONGEST_PROCESS_NAME, Attachment, ServerProcess
from devices.services import server_minutes

PRESUMED_DEAD = timedelta(seconds=20)
"""How long no beat may come: several of them, and little enough that a device is not said to be
connected 30 s after its process was killed."""


NAME = f"{socket.gethostname()}:{os.getpid()}"[:LONGEST_PROCESS_NAME]


def beat() -> bool:
    """Say that this process lives and, every time for `/metrics`, else once a minute, what it has
    counted. False if nobody knew that it lives."""
    known = ServerProcess.objects.filter(pk=PROCESS)
    has_new_minute = server_minutes.note()
    tells = has_new_minute or settings.METRICS_TOKEN
    if known.update(beat_at=Now(), **({"counted": _counted()} if tells else {})):
        return True
    ServerProcess.objects.create(pk=PROCESS, name=NAME, beat_at=Now(), counted=_counted())
    return False


def _counted() -> str:
    return msgspec.json.encode(metrics.snapshot()).decode()


def snapshots(own: dict[str, Any]) -> dict[str, Any]:
    """What the processes of the installation have counted, by their names: of this one its `own`,
    of the others what was so at their last beat."""
    others = living().exclude(pk=PROCESS).exclude(counted="")
    found = {
        name: msgspec.json.decode(text) for name, text in others.values_list("name", "counted")
    }
    return {**found, NAME: own}


def resign() -> None:
    """Say that this process lives no more."""
    ServerProcess.objects.filter(pk=PROCESS).delete()


def living() -> QuerySet[ServerProcess]:
    return ServerProcess.objects.filter(beat_at__gte=Now() - PRESUMED_DEAD)


def names_with(device_id: str) -> list[str]:
    """The processes that have connections of a device."""
    having = Attachment.objects.filter(device_id=device_id).values("process")
    return list(living().filter(pk__in=having).order_by("name").values_list("name", flat=True))


def bury() -> None:
    """Forget the dead."""
    ServerProcess.objects.filter(beat_at__lt=Now() - PRESUMED_DEAD).delete()
