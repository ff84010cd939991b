"""What the doctor finds: how bad it is, what was looked at, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple


class Severity(IntEnum):
    """How bad a finding is. The worst of all is the exit status of the command."""

    OK = 0
    WARNING = 1
    FAILED = 2


class Finding(NamedTuple):
    severity: Severity
    text: str
    advice: str = ""


Examination = Callable[[], Iterable[Finding]]


def ok(text: str) -> Finding:
    return Finding(Severity.OK, text)


def warning(text: str, advice: str) -> Finding:
    return Finding(Severity.WARNING, text, advice)


def failure(text: str, advice: str) -> Finding:
    return Finding(Severity.FAILED, text, advice)


def diagnose(examinations: Iterable[Examination]) -> Iterator[Finding]:
    """The findings of each. An examination that fails is a finding too, and the others go on."""
    for examination in examinations:
        try:
            yield from examination()
        except Exception as error:
            words = " ".join(str(error).split()) or type(error).__name__
            name = examination.__name__.replace("_", " ")
            yield failure(
                f"{name}: {words}", "See what the line says; nothing more is known of it."
            )
