"""manage.py prune: delete old commands and notifications."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from tqdm import tqdm

from devices.management.numbers import integer
from devices.services import pruning

PAUSE_SECONDS = 0.005
"""The pause between two slices, about as long as one takes. A process that waits for SQLite's lock
tries it now and then, and must find it free."""


class Command(BaseCommand):
    help = (
        "Delete commands and notifications that are older than MESSAGE_SECONDS, and those of saves "
        "that are older than SAVE_NOTIFICATION_SECONDS; an update makes a command new again. "
        "It is safe beside running servers, and may be stopped at any time: "
        f"they go {pruning.SLICE_ROWS:,} in a transaction, oldest first. Servers do the same by "
        "themselves every PRUNE_SECONDS."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than",
            type=integer(least=0),
            default=settings.MESSAGE_SECONDS,
            metavar="SECONDS",
            help="instead of MESSAGE_SECONDS, %(default)s",
        )
        parser.add_argument("--dry-run", action="store_true", help="only count them")

    def handle(self, *args: Any, **options: Any) -> None:
        older_than = options["older_than"]
        total = pruning.count_expired(older_than)
        if options["dry_run"]:
            self.stdout.write(f"{total:,} commands and notifications would be deleted.")
            return
        deleted = 0
        # disable=None: no bar unless stderr is a terminal.
        with tqdm(total=total, unit=" messages", disable=None) as bar:
            while slice_ := pruning.prune(older_than):
                deleted += slice_
                bar.update(slice_)
                time.sleep(PAUSE_SECONDS)
        self.stdout.write(f"Deleted {deleted:,} commands and notifications.")
