"""How to run another command of this installation: by manage.py, or as an installed package."""

import shlex
import sys

from django.conf import settings


def command_line(*arguments: str) -> list[str]:
    """The arguments to start another management command of this installation."""
    program = [str(settings.BASE_DIR / "manage.py")] if settings.IS_CLONE else ["-m", "devicehive"]
    return [sys.executable, *program, *arguments]


def to_paste(*arguments: str) -> str:
    """The same as a text to paste into a terminal, in whatever folder."""
    return shlex.join(command_line(*arguments))
