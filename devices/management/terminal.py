"""What commands print of texts that devices, files and other people chose."""

import json

BETWEEN_MEMBERS = "\n\r\t"
"""Control characters that a JSON text may have, and never within a string."""


def printable(text: str, *, keeps: str = "") -> str:
    """The text, with escapes of JSON for what cannot be printed or would command the terminal. JSON
    stays the JSON that it was, if it `keeps` what is BETWEEN_MEMBERS."""
    return "".join(
        each if each.isprintable() or each in keeps else json.dumps(each)[1:-1] for each in text
    )
