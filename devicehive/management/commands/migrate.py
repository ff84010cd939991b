"""manage.py migrate: Django's, one process at a time."""

from typing import Any

from django.core.management.commands.migrate import Command as MigrateCommand

from devicehive.orm.preparing import preparing


class Command(MigrateCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        with preparing(self.stderr.write):
            super().handle(*args, **options)
