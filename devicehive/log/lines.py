"""Formats log lines: as text with members for people, or as JSON for programs.

The message says what happened; everything else is in members, so that both formats say the same.
Values that a client chose, such as a login or a path, are only ever members: these are quoted and
have no line breaks, so that nobody can forge a log line.
"""

import logging
from datetime import UTC, datetime

import msgspec

from devicehive.log.visitors import VISITOR, Visitor

LONGEST_MEMBER = 200
"""The most characters of a member that are shown; a client may have chosen many more."""
SECRETIVE = ("DETAIL:", "CONTEXT:")
"""The beginnings of lines in tracebacks in which PostgreSQL quotes the values to store."""


def beside(visitor: Visitor | None = None, /, **members: object) -> dict[str, object]:
    """Make the `extra` of a log line: its members, without those that are None, and the client that
    it is about. The default is the client whose request is being handled."""
    return {"visitor": visitor, "members": members}


def members_of(record: logging.LogRecord) -> dict[str, object]:
    """The members of a log line, shortened: those of its client, and those given by `beside`."""
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
    """One JSON object per line, with the time in UTC."""

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
    """The traceback, without lines that may quote values from a client; "" if there is none."""
    if not record.exc_info:
        return ""
    lines = logging.Formatter().formatException(record.exc_info).splitlines()
    return "\n".join(line for line in lines if not line.startswith(SECRETIVE))


def _indent(text: str) -> str:
    """Indent a traceback, so that none of its lines, which may quote a client, looks like a log
    line."""
    return "".join(f"\n    {line}" for line in text.splitlines())


def _quote(value: object) -> str:
    """The value as it is, if it is one plain word, otherwise as a JSON string."""
    shown = str(value)
    plain = shown.isascii() and shown.isprintable() and not set(shown) & set(' "=\\')
    return shown if plain and shown else msgspec.json.encode(shown).decode()
