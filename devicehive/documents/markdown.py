"""Generates docs/protocol.md."""

from collections.abc import Iterable, Iterator

from devicehive.documents.described import (
    ANY_ACTION,
    NO_ACTION,
    Described,
    DescribedPush,
    Error,
    Member,
    anchor_of,
    described_pushes,
    sections,
)
from devicehive.documents.examples import Frame, lay_out
from devicehive.documents.introduction import ABOUT_PUSHES, PARAGRAPHS, PUSHES, TITLE

NOTICE = "<!-- Written by `make documents` from the registry of actions; edit that instead. -->"


def markdown_document() -> str:
    """The text of docs/protocol.md."""
    return "\n\n".join(_parts()) + "\n"


def _parts() -> Iterator[str]:
    yield f"# {TITLE}"
    yield NOTICE
    yield from PARAGRAPHS
    yield "Any action may answer:"
    yield _errors(ANY_ACTION)
    yield "An unknown or missing action is answered:"
    yield _errors(NO_ACTION)
    index = [_index(each.title, each.actions) for each in sections()]
    yield "\n".join([*index, _index(PUSHES, described_pushes())])
    for section in sections():
        yield f"## {section.title}"
        for each in section.actions:
            yield from _action(each)
    yield f"## {PUSHES}"
    yield ABOUT_PUSHES
    for push in described_pushes():
        yield f"### {push.heading}"
        yield push.text
        yield table(("Member", "Type"), ((f"`{m.path}`", m.kind) for m in push.members))
        yield "For example:"
        yield _frame(push.example)


def _index(title: str, named: Iterable[Described | DescribedPush]) -> str:
    links = (f"[`{each.name}`](#{each.anchor})" for each in named)
    return f"- [{title}](#{anchor_of(title)}): {', '.join(links)}"


def _action(each: Described) -> Iterator[str]:
    yield f"### {each.name}"
    yield each.text
    yield _gate(each)
    if each.takes:
        yield table(("Member", "Type", "Needed", "Limits"), map(_taken, each.takes))
    if each.answers:
        yield "The answer has:"
        yield table(("Member", "Type"), ((f"`{m.path}`", m.kind) for m in each.answers))
    else:
        yield "The answer has no members of its own."
    if each.errors:
        yield _errors(each.errors)
    yield "For example:"
    yield _frame(each.example.request)
    yield "is answered:"
    yield _frame(each.example.answer)


def _frame(frame: Frame) -> str:
    return f"```json\n{lay_out(frame)}\n```"


def _gate(each: Described) -> str:
    if not each.permissions:
        return "Needs no permission."
    needs = "Needs " + " or ".join(f"`{name}`" for name in each.permissions)
    return f"{needs}; `{each.target}` must be within reach." if each.target else f"{needs}."


def _taken(member: Member) -> tuple[str, ...]:
    return f"`{member.path}`", member.kind, "yes" if member.needed else "", member.limits


def _errors(errors: Iterable[Error]) -> str:
    return table(("Code", "Error"), ((str(e.code), f"`{e.text}`") for e in errors))


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", r"\|") for c in row) + " |" for row in lines)
