"""docs/operating.md: whatever it tells the operator to type or to set exists."""

import re
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands

from devicehive.env import KNOBS

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs" / "operating.md").read_text()


def anchor_of(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_commands_exist() -> None:
    named = set(re.findall(r"manage\.py ([a-z]+)", PAGE))
    assert named - get_commands().keys() == set()


def test_variables_exist() -> None:
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`", PAGE))
    assert named - KNOBS.keys() == set()


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", PAGE)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_the_first_list_is_of_all_sections() -> None:
    headings = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    listed = re.findall(r"^- \[(.+)\]\(#(.+)\)$", PAGE, re.MULTILINE)
    assert listed == [(heading, anchor_of(heading)) for heading in headings]
