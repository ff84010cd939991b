"""manage.py configuration: docs/configuration.md, from the knobs that settings.py reads."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from devicehive import env
from devicehive.env import Knob

HEAD = """\
# Configuration

<!-- Written by `make documents` from devicehive/settings.py; edit that instead. -->

Every setting is an environment variable, and every one has a default that works. A value that
is not what is expected stops the start with one line that says so. Relative paths are below the
project's folder; where pip has installed the server, below `~/.local/state/devicehive`.

What holds a secret can be kept in a file: `JWT_SECRET_FILE=/run/secrets/jwt` is read in the place
of `JWT_SECRET`, and so for every variable.

| Variable | What it is | Expected | Default |
|---|---|---|---|
"""


class Command(BaseCommand):
    help = "Print docs/configuration.md: every environment variable that the server reads."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(HEAD + "\n".join(_row(knob) for knob in env.KNOBS.values()))


def _row(knob: Knob) -> str:
    # Defaults below STATE_DIR hold its path on this machine.
    default = knob.default.replace(str(settings.STATE_DIR), env.KNOBS["STATE_DIR"].default)
    shown = f"`{default}`" if default else "not set"
    cells = (f"`{knob.name}`", knob.explanation, knob.kind, shown)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
