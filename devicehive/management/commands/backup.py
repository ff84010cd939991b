"""manage.py backup: copy the whole database while servers run."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from devicehive import backups


class Command(BaseCommand):
    help = (
        "Copy the whole database into a file while servers run, as it is at one moment. The file "
        "is an SQLite database, or with PostgreSQL a dump for pg_restore. docs/operating.md says "
        "how to restore it. Secrets that were generated in STATE_DIR are not in it."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="replaced once the copy is complete")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"].absolute()
        if target.exists() and not target.is_file():
            raise CommandError(f"{target} is not a file")
        try:
            backups.back_up(settings.DATABASE_URL, target)
        except backups.BackupFailed as failed:
            raise CommandError(str(failed)) from None
        self.stdout.write(f"{target}: {target.stat().st_size:,} bytes")
