"""Know which server processes live: each writes a beat; one that stops is dead (ADR 30)."""

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
"""How long a process may go without a beat. It is several beats, and short enough that a device is
not shown as connected 30 s after its process was killed."""


NAME = f"{socket.gethostname()}:{os.getpid()}"[:LONGEST_PROCESS_NAME]


def beat() -> bool:
    """Write that this process lives, with its counts: each time if `/metrics` is on, otherwise once
    a minute. Returns False if the process was not registered as living."""
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
    """The counts of all processes of the installation, by process name: `own` for this one, and
    those of the last beat for the others."""
    others = living().exclude(pk=PROCESS).exclude(counted="")
    found = {
        name: msgspec.json.decode(text) for name, text in others.values_list("name", "counted")
    }
    return {**found, NAME: own}


def resign() -> None:
    """Unregister this process, which is stopping."""
    ServerProcess.objects.filter(pk=PROCESS).delete()


def living() -> QuerySet[ServerProcess]:
    return ServerProcess.objects.filter(beat_at__gte=Now() - PRESUMED_DEAD)


def names_with(device_id: str) -> list[str]:
    """The processes that have connections of a device."""
    having = Attachment.objects.filter(device_id=device_id).values("process")
    return list(living().filter(pk__in=having).order_by("name").values_list("name", flat=True))


def bury() -> None:
    """Delete the rows of dead processes."""
    ServerProcess.objects.filter(beat_at__lt=Now() - PRESUMED_DEAD).delete()
