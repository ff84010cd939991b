"""Every command of docs/walkthrough.md, run in one installation, prints what is shown."""

import re
import shlex

import pytest
from django.conf import settings
from django.core.management import CommandError

from devices.models import User
from devices.services import users
from tests.commands import run

DOCUMENT = (settings.BASE_DIR / "docs" / "walkthrough.md").read_text()
PROMPT = "$ .venv/bin/python manage.py "


def steps() -> list[tuple[str, str]]:
    """Each command, and what is shown below it."""
    found = []
    for block in re.findall(r"^```\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE):
        for part in block.split(PROMPT)[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown))
    return found


def printed(command: str) -> str:
    try:
        return run(*shlex.split(command))
    except CommandError as error:
        return f"CommandError: {error}\n"


def pattern(shown: str) -> str:
    """What is shown, with ids, passwords and tokens as they come."""
    ids = re.sub(r'(?<=Id":)\d+|(?<=id is )\d+', "NUMBER", shown)
    stand_ins = {"NUMBER": r"\d+", "PASSWORD": r"\S{20}", "TOKEN": r"[\w-]+\.[\w-]+\.[\w-]+"}
    return re.sub("|".join(stand_ins), lambda found: stand_ins[found[0]], re.escape(ids))


@pytest.mark.django_db
def test_the_walkthrough_prints_what_it_shows() -> None:
    users.create_administrator("dhadmin", "of the first start")
    assert len(steps()) > 10
    for command, shown in steps():
        assert re.fullmatch(pattern(shown), printed(command)), (command, printed(command))
    assert User.objects.get(login="olga").networks.get().name == "Hall 1"
