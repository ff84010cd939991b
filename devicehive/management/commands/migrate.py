"""manage.py migrate: Django's command, with a lock so that one process at a time runs it."""

from typing import Any

from django.core.management.commands.migrate import Command as MigrateCommand

from devicehive.orm.preparing import preparing


class Command(MigrateCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        with preparing(self.stderr.write):
            super().handle(*args, **options)
