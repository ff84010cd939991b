"""In documents, links lead somewhere, and named commands, settings and files exist."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from devicehive.documents.described import anchor_of
from devicehive.env import KNOBS

ROOT = Path(settings.BASE_DIR)
ALL = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FOR_USERS = [
    ROOT / "README.md",
    *(
        ROOT / "docs" / f"{name}.md"
        for name in (
            "behind-a-proxy",
            "device-in-ten-minutes",
            "files",
            "front-end-developer",
            "operating",
            "walkthrough",
        )
    ),
]
DECISIONS = ROOT / "docs" / "adr"
NO_KNOBS = {"POSTGRES_PASSWORD"}
"""Variables that are not the server's."""
IN_CODE = re.compile(r"^(?:```.*?^```|    .*?$)", re.DOTALL | re.MULTILINE)


def names(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


def anchors_of(page: Path) -> set[str]:
    text = IN_CODE.sub("", page.read_text())
    return {anchor_of(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors_of(target))


@pytest.mark.parametrize("page", ALL, ids=names(ALL))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)\s]+)\)", IN_CODE.sub("", page.read_text()))
    assert [link for link in links if not leads_somewhere(page, link)] == []


@pytest.mark.parametrize("page", ALL, ids=names(ALL))
def test_commands_exist(page: Path) -> None:
    named = set(re.findall(r"manage\.py\s+([a-z]+)", page.read_text()))
    assert named - {*get_commands(), "version"} == set()


@pytest.mark.parametrize("page", FOR_USERS, ids=names(FOR_USERS))
def test_settings_exist_and_have_the_defaults_that_are_told(page: Path) -> None:
    text = page.read_text()
    named = re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`(?: \((\d+)( MiB)?\))?", text)
    set_here = re.findall(r"\b([A-Z]+_[A-Z_]+)=", text)
    known = {name.removesuffix("_FILE") for name in {*set_here, *(name for name, _, _ in named)}}
    assert known - KNOBS.keys() - NO_KNOBS == set()
    for name, number, is_size in named:
        if number:
            assert KNOBS[name].default == str(int(number) * (2**20 if is_size else 1)), name


def test_the_list_of_decisions_has_their_titles() -> None:
    listed = dict(
        re.findall(
            r"^\| \[\d+\]\((.+)\) \| (.+) \|$", (DECISIONS / "README.md").read_text(), re.MULTILINE
        )
    )
    headings = {
        page.name: page.read_text().partition("\n")[0].partition(". ")[2]
        for page in DECISIONS.glob("0*.md")
    }
    assert listed == headings


@pytest.mark.parametrize("page", ALL, ids=names(ALL))
def test_files_of_the_source_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"`((?:devicehive|devices|tests|benchmarks)/[\w./-]+)`", page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []
