"""Reads settings from environment variables: typed, with a default, and strict about bad values.

Every call adds a knob to `KNOBS`, from which `manage.py configuration` writes
docs/configuration.md, so every knob is documented. A value that is not valid raises
ImproperlyConfigured.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})
IN_A_PASSWORD = "in a password, # / ? @ : % are written %23 %2F %3F %40 %3A %25"  # noqa: S105  # about them


@dataclass(frozen=True, slots=True)
class Knob:
    """A setting, as docs/configuration.md lists it."""

    name: str
    kind: str
    default: str
    explanation: str


KNOBS: dict[str, Knob] = {}


def text(name: str, default: str, explanation: str) -> str:
    return _read(name, default, explanation, kind="text", parse=str)


def number(
    name: str, default: int, explanation: str, *, least: int = 0, most: int | None = None
) -> int:
    def parse(value: str) -> int:
        parsed = int(value)
        if parsed < least or (most is not None and parsed > most):
            raise ValueError
        return parsed

    kind = f"whole number, {least} or more" if most is None else f"whole number, {least} to {most}"
    return _read(name, default, explanation, kind=kind, parse=parse)


def switch(name: str, default: bool, explanation: str) -> bool:
    def parse(value: str) -> bool:
        if value.lower() not in TRUE | FALSE:
            raise ValueError
        return value.lower() in TRUE

    return _read(name, default, explanation, kind="on or off", parse=parse)


def choice(name: str, default: str, explanation: str, *, of: tuple[str, ...]) -> str:
    def parse(value: str) -> str:
        if value.upper() not in of:
            raise ValueError
        return value.upper()

    kind = "one of " + ", ".join(of)
    return _read(name, default, explanation, kind=kind, parse=parse)


def words(name: str, default: list[str], explanation: str) -> list[str]:
    def parse(value: str) -> list[str]:
        return [word.strip() for word in value.split(",") if word.strip()]

    kind = "list, separated by commas"
    return _read(name, default, explanation, kind=kind, parse=parse)


def prefix(name: str, explanation: str) -> str:
    """A prefix of URL paths: empty, or with a slash at the beginning and none at the end."""

    def parse(value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._~/-]*", value) or "//" in value:
            raise ValueError
        return f"/{value.strip('/')}".rstrip("/")

    kind = "path of letters, digits and ._~-, such as /iot"
    return _read(name, "", explanation, kind=kind, parse=parse)


def networks(name: str, default: list[str], explanation: str) -> list[IPv4Network | IPv6Network]:
    def parse(value: str) -> list[IPv4Network | IPv6Network]:
        return [ip_network(word.strip()) for word in value.split(",") if word.strip()]

    kind = "list of addresses and networks (192.0.2.0/24), separated by commas"
    known = [ip_network(each) for each in default]
    return _read(name, known, explanation, kind=kind, parse=parse)


def url(name: str, default: str, explanation: str, *, schemes: tuple[str, ...]) -> str:
    """A URL. The error for an invalid one does not quote it, because it may have a password."""

    def parse(value: str) -> str:
        if value and not _is_url(value, schemes):
            raise ImproperlyConfigured(f"{name} is not valid; expected: {kind}; {IN_A_PASSWORD}")
        return value

    kind = "URL: " + ", ".join(f"{scheme}://" for scheme in schemes)
    return _read(name, default, explanation, kind=kind, parse=parse)


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    """Whether a URL is valid and no part of an unescaped password was parsed as path or query."""
    try:
        parts = urlsplit(value)
        behind_host = f"{parts.port}{parts.path}{parts.query}"
    except ValueError:
        return False
    return parts.scheme in schemes and not parts.fragment and "@" not in behind_host


def dated(name: str, explanation: str) -> list[tuple[str, datetime]]:
    """A list of texts, each with the moment until which it is valid: the end of a day in UTC."""

    def parse(value: str) -> list[tuple[str, datetime]]:
        return [_parse_dated(word.strip()) for word in value.split(",") if word.strip()]

    kind = "list of SECRET@YYYY-MM-DD, separated by commas"
    return _read(name, [], explanation, kind=kind, parse=parse)


def _parse_dated(word: str) -> tuple[str, datetime]:
    text, found, day = word.rpartition("@")
    if not found:
        raise ValueError
    return text, datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)


def _read(name: str, default: T, explanation: str, *, kind: str, parse: Callable[[str], T]) -> T:
    KNOBS[name] = Knob(name, kind, _shown(default), explanation)
    value = _given(name)
    if value is None or (value == "" and default != ""):
        # `NAME= make run` and compose's `${NAME:-}` both mean "not set".
        return default
    try:
        return parse(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not valid; expected: {kind}") from None


def _given(name: str) -> str | None:
    """The value in the environment, or in the file that `NAME_FILE` names. A secret in a file
    cannot be read from the environment by other processes of the same user."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name)
    if os.environ.get(name):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: which is it?")
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text"
        raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: {reason}") from None


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return "on" if default else "off"
    return ", ".join(map(str, default)) if isinstance(default, list) else str(default)
