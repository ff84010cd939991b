"""manage.py protocol: print docs/protocol.md or docs/rest.md, from the registry of actions."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from devicehive.documents import markdown, rest_markdown


class Command(BaseCommand):
    help = "Print docs/protocol.md: every action with its members, answer and errors."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rest", action="store_true", help="Print docs/rest.md: every path.")

    def handle(self, *args: Any, rest: bool, **options: Any) -> None:
        document = rest_markdown.rest_document() if rest else markdown.markdown_document()
        self.stdout.write(document, ending="")
