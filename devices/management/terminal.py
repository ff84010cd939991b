"""Make texts that devices, files and other people chose safe to print."""

import json

BETWEEN_MEMBERS = "\n\r\t"
"""Control characters that JSON allows between members, but not within strings."""


def printable(text: str, *, keeps: str = "") -> str:
    """The text with JSON escapes for characters that cannot be printed or control the terminal. For
    a JSON text, pass BETWEEN_MEMBERS as `keeps`, so that it stays valid."""
    return "".join(
        each if each.isprintable() or each in keeps else json.dumps(each)[1:-1] for each in text
    )
