"""How another command of this installation is run: by manage.py, or where pip installed it."""

import shlex
import sys

from django.conf import settings


def command_line(*arguments: str) -> list[str]:
    """The command line of another command."""
    program = [str(settings.BASE_DIR / "manage.py")] if settings.IS_CLONE else ["-m", "devicehive"]
    return [sys.executable, *program, *arguments]


def to_paste(*arguments: str) -> str:
    """The same for a terminal, which may be in any folder."""
    return shlex.join(command_line(*arguments))
