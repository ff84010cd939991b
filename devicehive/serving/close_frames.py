"""The close frames of clients, as RFC 6455, 5.5.1 and 7.4 want them."""

PROTOCOL_ERROR, INVALID_PAYLOAD = 1002, 1007
LEGAL_CLOSE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})
"""Those that a close frame may carry, with the codes registered since."""


def fault_of(code: int | None, reason: bytes | None) -> tuple[int, str] | None:
    """What such a frame is answered with, as a code and a reason, if it may not be sent."""
    if code is not None and code not in LEGAL_CLOSE_CODES:
        return PROTOCOL_ERROR, f"invalid close code {code}"
    try:
        (reason or b"").decode()
    except UnicodeDecodeError:
        return INVALID_PAYLOAD, "invalid close reason"
    return None
