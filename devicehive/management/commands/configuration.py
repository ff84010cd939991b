"""manage.py configuration: print docs/configuration.md, from the settings that were declared."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from devicehive import env
from devicehive.env import Knob

HEAD = """\
# Configuration

<!-- Written by `make documents` from devicehive/settings.py; edit that instead. -->

Every setting is an environment variable, and every one has a default that works. With an invalid
value the server does not start, and one line says why. Relative paths are below the project's
folder, or if the server was installed by pip, below `~/.local/state/devicehive`.

Each variable can be read from a file, which is meant for secrets: with
`JWT_SECRET_FILE=/run/secrets/jwt` the content of that file is the value of `JWT_SECRET`.

| Variable | What it is | Expected | Default |
|---|---|---|---|
"""


class Command(BaseCommand):
    help = "Print docs/configuration.md: every environment variable that the server reads."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(HEAD + "\n".join(_row(knob) for knob in env.KNOBS.values()))


def _row(knob: Knob) -> str:
    # Defaults below STATE_DIR contain its path on this machine.
    default = knob.default.replace(str(settings.STATE_DIR), env.KNOBS["STATE_DIR"].default)
    shown = f"`{default}`" if default else "not set"
    cells = (f"`{knob.name}`", knob.explanation, knob.kind, shown)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
