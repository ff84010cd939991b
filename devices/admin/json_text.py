"""Reformat JSON without parsing its values, so that no number in it changes (R-30)."""

import re
from itertools import pairwise

TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+')
OPENING = frozenset("[{")
CLOSING = frozenset("]}")
INDENT = "  "


def compact(text: str) -> str:
    """Valid JSON without the white space between its tokens."""
    return "".join(TOKEN.findall(text))


def indented(text: str) -> str:
    """Valid JSON with each member and each element on a line of its own."""
    parts = []
    level = 0
    for previous, token in pairwise(["", *TOKEN.findall(text)]):
        if token in CLOSING:
            level -= 1
        # No line break between the brackets of an empty object or array.
        if previous == "," or (previous in OPENING) != (token in CLOSING):
            parts.append("\n" + INDENT * level)
        parts.append(": " if token == ":" else token)  # noqa: S105  # a token of JSON
        if token in OPENING:
            level += 1
    return "".join(parts)
