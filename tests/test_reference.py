"""The reference has every rule that is cited, once, and every citation leads to one."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.citations import REFERENCE, ROOT, Citation, Reference, citations, cited, read_reference

WEBSOCKET = read_reference(REFERENCE / "websocket.md")
REST = read_reference(REFERENCE / "rest.md")
RULINGS = [f"R-{number:02}" for number in range(1, 55)]
FOLDERS = ("devicehive", "devices", "tests", "benchmarks", "docs")
FILES = [
    *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("*.md")),
]


def leads_somewhere(citation: Citation, beside: list[Citation]) -> bool:
    """Whether the reference has it; a row, in one of the sections that are cited `beside` it."""
    if citation.is_row:
        return any(document(each).has_row(citation.what, each.what) for each in beside)
    steps = [row for section, row in document(citation).rows if section == "1.6"]
    return citation.what in {*document(citation).places, *document(citation).rulings, *steps}


def document(citation: Citation) -> Reference:
    return REST if citation.is_rest else WEBSOCKET


@cache
def citations_of(path: Path) -> list[Citation]:
    """Looked for by the process that tests them, and not by all that have to know the tests."""
    return list(citations(path))


def lost(path: Path) -> list[str]:
    found = citations_of(path)
    return [str(each) for each in found if not leads_somewhere(each, found)]


def test_every_citation_leads_to_a_rule() -> None:
    assert [each for path in FILES for each in lost(path)] == []


def test_many_citations_are_found_in_the_code_and_in_the_tests() -> None:
    """Else the test above would pass because nothing is found."""
    for folder, least in (("devicehive", 20), ("devices", 60), ("tests", 80)):
        inside = [each for path in FILES for each in citations_of(path) if folder in path.parts]
        assert len(inside) >= least, folder


def test_every_ruling_stands_in_the_reference_once() -> None:
    assert WEBSOCKET.rulings == RULINGS
    assert REST.rulings == []


@pytest.mark.parametrize("reference", [WEBSOCKET, REST], ids=["websocket", "rest"])
def test_no_number_is_given_twice(reference: Reference) -> None:
    numbers = Counter([*reference.places, *reference.rows])
    assert [number for number, times in numbers.items() if times > 1] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("device/save (protocol, 5.4.5).", ["5.4.5"]),
        ("The rules (protocol, 5.4.5, checks 8 to 13)", ["5.4.5", "check 8", "check 13"]),
        ("The gate (protocol, 3.1, steps 3 to 5).", ["3.1", "check 3", "check 5"]),
        ("(protocol, 5.5.4, with 7.1, 7.3 and 7.4)", ["5.5.4", "7.1", "7.3", "7.4"]),
        ("A forgotten status sorts first (1.10).", ["1.10"]),
        ("Other users (5.10.2, R-23), except", ["5.10.2", "R-23"]),
        ("R-09: 404 even for clients", ["R-09"]),
        ("Step G1. None when it is none (G2, G3)", ["G2", "G3", "G1"]),
        ("Any of the forms of 7.1: ISO 8601", ["7.1"]),
        ("Checks 3 to 7 of 6.2. Raises", ["check 3", "check 7", "6.2"]),
        ("Every path of the\n    protocol, 1.1; all alike", ["1.1"]),
        ("(protocol, section 6).", ["6"]),
        ("The administrator of Appendix B: a member", ["Appendix B"]),
        ("(protocol, 2.1, 2.2 and Appendix C)", ["2.1", "2.2", "Appendix C"]),
        ("told in one text (A.2, A.3)", ["A.2", "A.3"]),
        ("A poll (REST 3.3 and 3.4, R-40; protocol, 6.2)", ["REST 3.3", "REST 3.4", "R-40", "6.2"]),
        ("as REST 2.7 says", ["REST 2.7"]),
        ("(protocol, somewhere in chapter 5)", ["protocol, somewhere in chapter 5"]),
        ("Version 4.1.0, Django 5.2, daphne 4.2 and HTTP/1.1", []),
        ("an unmasked frame (RFC 6455, 5.2), a key (RFC 7518, 3.2)", []),
        ("takes 0.3 s, 2.5 times as much (some 1.5 MiB, 2.5 ms)", []),
        ("http://127.0.0.1:8000, [1, 2.0] and (1, 2)", []),
    ],
)
def test_citations_are_told_from_other_numbers(text: str, expected: list[str]) -> None:
    assert list(cited(text, is_prose=True)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "A section (protocol, 5.4.6)",
        "A ruling: R-99 says so",
        "A step (G9)",
        "A row (5.4.5, checks 8 to 14)",
        "A row of another section (6.2, check 11u)",
        "A section of the other document (REST 5.4.5)",
        "A chapter (protocol, section 9)",
        "An appendix (Appendix E)",
    ],
)
def test_a_citation_of_what_is_not_there_is_found(tmp_path: Path, text: str) -> None:
    (tmp_path / "module.py").write_text(f'"""{text}."""\n')
    found = list(citations(tmp_path / "module.py"))
    assert [each for each in found if not leads_somewhere(each, found)] != []
