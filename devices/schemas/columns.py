"""How JSON and moments of the wire stand in columns."""

import msgspec


def raw(text: str | None) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(text)


def text_of(value: msgspec.Raw | None) -> str | None:
    return None if value is None else bytes(value).decode()


def column_text(timestamp: str) -> str:
    """A moment of the wire as both databases take it as text: exactly as Django writes it on
    SQLite, which compares moments as text."""
    seconds, _, milliseconds = timestamp.replace("T", " ").partition(".")
    return seconds if milliseconds == "000" else f"{seconds}.{milliseconds}000"
