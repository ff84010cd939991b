"""Record what the server did in each minute of the last day, for people without Prometheus: each
process writes one row a minute, with its beat."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Sum

from devicehive.events.event import PROCESS
from devicehive.metrics import ANSWERED, CONNECTIONS
from devicehive.protocol.timestamps import now
from devices.models import ServerMinute

MINUTE = timedelta(minutes=1)
KEPT = timedelta(days=1)
SLOT = timedelta(minutes=5)
WRITTEN_WITHIN = timedelta(seconds=10)
"""How long after the end of a minute its rows are there: beats have at most 5 s between them."""
KINDS = ("connections", "saves", "notifications", "refusals")
"""The counts in a row."""

Means = Mapping[str, float]
"""By kind, the mean number a minute; for connections, the mean number open at once."""


def minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


class Written:
    """What this process wrote last."""

    def __init__(self) -> None:
        self.minute = minute_of(now())
        self.totals: Mapping[str, int] = {}


written = Written()


def note() -> bool:
    """Write a row with what this process did since the last one, if a minute has ended since.
    Returns whether one has."""
    minute = minute_of(now())
    if minute <= written.minute:
        return False
    totals = _count()
    done = {kind: total - written.totals.get(kind, 0) for kind, total in totals.items()}
    open_now = int(sum(each.value for each in CONNECTIONS.read()))
    ServerMinute.objects.create(
        process=PROCESS, minute=minute - MINUTE, connections=open_now, **done
    )
    ServerMinute.objects.filter(minute__lt=minute - KEPT).delete()
    written.minute, written.totals = minute, totals
    return True


def _count() -> dict[str, int]:
    """The counts since this process started."""
    answered = ANSWERED.values.copy()  # A snapshot: the event loop goes on counting.
    return {
        "saves": answered["device/save", "200"],
        "notifications": answered["notification/insert", "200"],
        "refusals": sum(count for (_, code), count in answered.items() if code != "200"),
    }


def of_last_day() -> list[Means | None]:
    """The means over all processes in each SLOT of the last day, the oldest first; None where no
    process wrote a row."""
    end = minute_of(now() - WRITTEN_WITHIN)
    start = end - KEPT
    rows = (
        ServerMinute.objects.filter(minute__gte=start, minute__lt=end)
        .values_list("minute")
        .annotate(*map(Sum, KINDS))
    )
    slots: defaultdict[int, list[Mapping[str, int]]] = defaultdict(list)
    for minute, *sums in rows:
        slots[(minute - start) // SLOT].append(dict(zip(KINDS, sums, strict=True)))
    return [_mean(slots[each]) if each in slots else None for each in range(KEPT // SLOT)]


def _mean(minutes: list[Mapping[str, int]]) -> Means:
    return {kind: sum(each[kind] for each in minutes) / len(minutes) for kind in KINDS}


def last_of(process: int) -> ServerMinute | None:
    return ServerMinute.objects.filter(process=process).order_by("minute").last()
