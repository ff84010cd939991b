"""Parses the most common frame quickly: an unfragmented text message.

autobahn, which parses all other frames, takes several times as long for it, because it handles
fragments, compression and listeners that such a frame does not have.
"""

WHOLE_TEXT = 0x81
"""The first byte of an unfragmented text message."""
MASKED = 0x80
EXTENDED = 126
"""The length that means that the real length is in the next two bytes."""


def read_text(data: bytes) -> tuple[str, int] | None:
    """The text of the frame at the beginning of `data`, and the position after the frame.

    None if it is any other frame, incomplete or invalid, which is left to autobahn.
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
    """Unmask a payload (RFC 6455, 5.3), all bytes in one operation."""
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    masked, keys = int.from_bytes(payload, "little"), int.from_bytes(key, "little")
    return (masked ^ keys).to_bytes(length, "little")
