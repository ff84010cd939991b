"""The doctor's checks of the app: administrators, sizes of tables, and tokens that expire soon."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.contrib.admin.utils import model_ngettext
from django.db.models import Count, Min, Model
from django.utils import timezone

from devicehive.doctor.findings import Finding, ok, warning
from devices.models import Command, Device, IssuedToken, Notification, User

SOON = timedelta(days=14)
LATE_FACTOR = 2
"""If messages are older than this many times their retention, pruning does not keep up."""
MOST_TOKENS_NAMED = 5


def administrators() -> Iterator[Finding]:
    """Check that there is an active administrator."""
    if User.objects.filter(role=User.Role.ADMIN, status=User.Status.ACTIVE).exists():
        yield ok("there is an administrator")
    else:
        yield warning("nobody is an administrator who can log in", "Run manage.py createadmin.")


def tables() -> Iterator[Finding]:
    """Report sizes, and check that old messages are deleted."""
    counts = [_counted(model, model.objects.count()) for model in (Device, User)]
    since = timezone.now() - timedelta(days=1)
    for model in (Command, Notification):
        found = model.objects.aggregate(count=Count("*"), oldest=Min("stored_at"))
        grown = model.objects.filter(stored_at__gte=since).count()
        counts.append(f"{_counted(model, found['count'])}, {grown:,} of the last day")
        kept = timedelta(seconds=settings.MESSAGE_SECONDS)
        if found["oldest"] and timezone.now() - found["oldest"] > LATE_FACTOR * kept:
            yield warning(
                f"{model._meta.verbose_name_plural} are kept since {found['oldest']:%Y-%m-%d}, "
                "longer than MESSAGE_SECONDS",
                "Run manage.py prune; and see why no server does it, every PRUNE_SECONDS.",
            )
    yield ok("; ".join(counts))


def _counted(model: type[Model], count: int) -> str:
    return f"{count:,} {model_ngettext(model._meta, count)}"


def ending_tokens() -> Iterator[Finding]:
    """Report tokens made by hand that cannot be used or refreshed any more in two weeks."""
    now = timezone.now()
    ending = IssuedToken.objects.filter(
        revoked_at=None, refreshable_until__gte=now, refreshable_until__lt=now + SOON
    ).order_by("refreshable_until")
    named = [
        f"{each.user.login}'s on {each.refreshable_until:%Y-%m-%d}"
        for each in ending.select_related("user")[:MOST_TOKENS_NAMED]
    ]
    if named:
        yield warning(
            f"{ending.count()} tokens end within {SOON.days} days: {', '.join(named)}",
            "Give what uses them new ones: manage.py createtoken LOGIN.",
        )
    else:
        yield ok(f"no token on record ends within {SOON.days} days")
