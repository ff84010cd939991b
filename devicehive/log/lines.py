"""How a line is written: words and members for people, or JSON for programs.

A line says what happened in its message, and all the rest in members, so that both forms say the
same. What a client chose, a login or a path, is only ever a member: quoted and without line breaks,
it cannot pass for a line of ours.
"""

import logging
from datetime import UTC, datetime

import msgspec

from devicehive.log.visitors import VISITOR, Visitor

LONGEST_MEMBER = 200
"""Characters that a member shows; a client may have chosen many more."""
SECRETIVE = ("DETAIL:", "CONTEXT:")
"""How the lines of an exception begin in which PostgreSQL quotes what it was given to store."""


def beside(visitor: Visitor | None = None, /, **members: object) -> dict[str, object]:
    """The `extra` of a line: what it says beside its message, and of whom if not of the client
    whose request is worked on. A member that is None is left out."""
    return {"visitor": visitor, "members": members}


def members_of(record: logging.LogRecord) -> dict[str, object]:
    visitor = getattr(record, "visitor", None) or VISITOR.get()
    found = {**(visitor.members if visitor else {}), **getattr(record, "members", {})}
    return {name: _shorten(value) for name, value in found.items() if value is not None}


def _shorten(value: object) -> object:
    if isinstance(value, bool | int | float):
        return value
    shown = str(value)
    return shown if len(shown) <= LONGEST_MEMBER else shown[:LONGEST_MEMBER] + "..."


class LineFormatter(logging.Formatter):
    """`2026-11-26 22:03:20,123 INFO devicehive.consumer: closed peer=192.0.2.1:4242 code=1000`."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        head = f"{self.formatTime(record)} {record.levelname} {record.name}: {message}"
        members = "".join(f" {name}={_quote(v)}" for name, v in members_of(record).items())
        return head + members + _indent(exception_of(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with its time in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **members_of(record),
        }
        if exception := exception_of(record):
            line["exception"] = exception
        return msgspec.json.encode(line).decode()


def exception_of(record: logging.LogRecord) -> str:
    """The traceback, without the lines that may quote what a client wanted stored."""
    if not record.exc_info:
        return ""
    lines = logging.Formatter().formatException(record.exc_info).splitlines()
    return "\n".join(line for line in lines if not line.startswith(SECRETIVE))


def _indent(text: str) -> str:
    """So that no line of a traceback, which may quote a client, begins like one of the log."""
    return "".join(f"\n    {line}" for line in text.splitlines())


def _quote(value: object) -> str:
    """The value as it is where it is one word, else as a JSON text."""
    shown = str(value)
    plain = shown.isascii() and shown.isprintable() and not set(shown) & set(' "=\\')
    return shown if plain and shown else msgspec.json.encode(shown).decode()
