"""Citations of the reference in code, tests and documents, and what the reference defines."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs/reference"

SECTION = r"[1-9]\d?\.\d{1,2}(?:\.\d{1,2})?"
ROW = r"\d{1,2}[a-z]?"
PART = re.compile(
    rf"(?P<rest>REST )?(?P<place>{SECTION}|[A-E]\.\d|Appendix [A-Z])|section (?P<chapter>\d)"
    rf"|(?P<name>R-\d+|G\d)|(?:[Cc]heck|[Ss]tep)s? (?P<row>{ROW})|(?P<number>{ROW})|protocol"
)
"""One part of a list in brackets; `number` ends a range that the row before it began."""

SEPARATOR = re.compile(r"(?:[,;] | )(?:and|or|to|with) |[,;] ")
ANYWHERE = re.compile(
    rf"\b(?:R-\d+|G\d|(?:REST )?Appendix [A-Z]|REST {SECTION})\b(?!-)|\bprotocol, section \d"
)
IN_PROSE = re.compile(
    rf"(?:\b(?:protocol,|of|see|in|as|by) {SECTION}|\b[A-E]\.\d)(?=[.,;:)]|$| and\b| to\b)"
    rf"|\b(?:[Cc]heck|[Ss]tep)s? {ROW}\b(?: (?:and|to) {ROW}\b)?"
)
"""Only where numbers are no measurements, as they are in documents after the same words."""


@dataclass(frozen=True)
class Citation:
    """What is cited: a place of a document (`5.4.5`, `A.2`), a ruling, a step, or a check."""

    path: Path
    line: int
    what: str
    is_rest: bool = False
    is_row: bool = False

    def __str__(self) -> str:
        kind = "REST " if self.is_rest else "check " if self.is_row else ""
        return f"{self.path}:{self.line}: {kind}{self.what}"


@dataclass(frozen=True)
class Reference:
    """What a document of the reference defines."""

    places: list[str]
    """Its headings: `5`, `5.4`, `5.4.5`, `A`, `A.2`."""
    rows: list[tuple[str, str]]
    """Numbered rows of tables, each with the section that it stands in."""
    rulings: list[str]

    def has_row(self, row: str, section: str) -> bool:
        """Whether `section` has such a row; a number is there if it is with a letter."""
        numbers = [number for place, number in self.rows if place == section]
        return any(re.fullmatch(rf"{row}[a-z]?", number) for number in numbers)


def read_reference(path: Path) -> Reference:
    places: list[str] = []
    rows: list[tuple[str, str]] = []
    rulings: list[str] = []
    for line in path.read_text().splitlines():
        if heading := re.match(r"#+ (?:Appendix )?((?:\d+|[A-E])(?:\.\d+)*)\b", line):
            places.append(heading[1])
        elif row := re.match(rf"\| (G\d|{ROW}) \|", line):
            rows.append((places[-1], row[1]))
        elif ruling := re.match(r"\| (R-\d+) \|", line):
            rulings.append(ruling[1])
    return Reference(places, rows, rulings)


def comments(source: str) -> Iterator[tuple[int, str]]:
    """Comments and docstrings with their lines. Comments that follow one another are one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.lineno, str(node.value.value)
    first, lines, last = 0, list[str](), -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        if token.start[0] != last + 1:
            yield first, " ".join(lines)
            first, lines = token.start[0], []
        lines.append(token.string.lstrip("#"))
        last = token.start[0]
    yield first, " ".join(lines)


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Lines of tables and paragraphs with where they begin."""
    line = 1
    for block in re.split(r"(\n\n|\n(?=\|))", text):
        yield line, block
        line += block.count("\n")


def listed(text: str) -> list[str] | None:
    """The parts of a list in brackets, if it cites and does nothing else."""
    parts = SEPARATOR.split(text)
    if all(PART.fullmatch(part) for part in parts):
        return parts
    # A list that says it is one of the protocol, and cannot be read, is not passed over.
    return [text] if text.startswith("protocol, ") else None


def cited(text: str, *, is_prose: bool) -> Iterator[str]:
    """All that `text` cites, in the words of `whole`, and lists that cannot be read."""
    text = " ".join(text.split())
    for brackets in re.findall(r"\(([^()]*)\)", text):
        yield from whole(listed(brackets) or [])
    text = re.sub(r"\(([^()]*)\)", lambda m: "()" if listed(m[1]) else m[0], text)
    for pattern in (ANYWHERE, IN_PROSE) if is_prose else (ANYWHERE,):
        for found in pattern.findall(text):
            yield from whole(SEPARATOR.split(re.sub(r"^(of|see|in|as|by) ", "", found)))


def whole(parts: list[str]) -> Iterator[str]:
    """The parts that cite, each with the kind that may stand before another one only."""
    is_rest = False
    for before, part in pairwise(["", *parts]):
        match = PART.fullmatch(part)
        is_rest = (is_rest and part != "protocol") or part.startswith("REST ")
        if match is None:
            yield part
        elif row := match["row"] or (re.match("[Cc]heck|[Ss]tep", before) and match["number"]):
            yield f"check {row}"
        elif what := match["place"] or match["chapter"] or match["name"]:
            yield f"REST {what}" if is_rest and not match["name"] else what


def citations(path: Path) -> Iterator[Citation]:
    """All citations in a module or a document."""
    text = path.read_text()
    is_prose = path.suffix == ".py" or path.parent == REFERENCE
    passages = comments(text) if path.suffix == ".py" else paragraphs(text)
    for line, passage in passages:
        for what in cited(passage, is_prose=is_prose):
            kind, _, name = what.rpartition(" ")
            yield Citation(
                path.relative_to(ROOT) if path.is_relative_to(ROOT) else path,
                line,
                name if kind in ("REST", "check", "Appendix", "REST Appendix") else what,
                is_rest=kind.startswith("REST"),
                is_row=kind == "check",
            )
