"""The findings of `manage.py doctor`: a severity, what was found, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple


class Severity(IntEnum):
    """The severity of a finding. The highest one is the exit status of the command."""

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
    """Run all examinations and yield their findings. An examination that raises is a finding, too,
    and does not stop the others."""
    for examination in examinations:
        try:
            yield from examination()
        except Exception as error:
            words = " ".join(str(error).split()) or type(error).__name__
            name = examination.__name__.replace("_", " ")
            yield failure(f"{name}: {words}", "The examination itself failed; see the error.")
