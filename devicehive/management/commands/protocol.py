"""manage.py protocol: docs/protocol.md, from the registry of actions."""

from typing import Any

from django.core.management.base import BaseCommand

from devicehive.documents import markdown


class Command(BaseCommand):
    help = "Print docs/protocol.md: every action, what it takes, answers and refuses."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(markdown.markdown_document(), ending="")
