"""The frame that most clients send most of the time: a text message in one piece.

It is read here because autobahn, which reads all others, takes several times as long for it: for
pieces, compression and listeners that such a frame does not have.
"""

WHOLE_TEXT = 0x81
"""The first byte of a text message that is not in fragments."""
MASKED = 0x80
EXTENDED = 126
"""Says that the length is in the next two bytes."""


def read_text(data: bytes) -> tuple[str, int] | None:
    """The text of the frame that `data` begins with, and where it ends.

    None if that is any other frame, incomplete, or not as it must be: for autobahn to judge.
    """
    if len(data) < 6 or data[0] != WHOLE_TEXT:
        return None
    mask, length = 2, data[1] - MASKED
    if length == EXTENDED:
        mask, length = 4, int.from_bytes(data[2:4], "big")
        if length < EXTENDED:
            return None
    elif not 0 <= length < EXTENDED:
        return None
    start = mask + 4
    end = start + length
    if len(data) < end:
        return None
    try:
        return unmask(data[start:end], data[mask:start]).decode(), end
    except UnicodeDecodeError:
        return None


def unmask(payload: bytes, mask: bytes) -> bytes:
    """RFC 6455, 5.3, for all bytes at once."""
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    masked, keys = int.from_bytes(payload, "little"), int.from_bytes(key, "little")
    return (masked ^ keys).to_bytes(length, "little")
