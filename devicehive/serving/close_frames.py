"""Checks the close frames of clients (RFC 6455, 5.5.1 and 7.4)."""

PROTOCOL_ERROR, INVALID_PAYLOAD = 1002, 1007
LEGAL_CLOSE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})
"""The codes that a close frame may have, including those registered since the RFC."""


def fault_of(code: int | None, reason: bytes | None) -> tuple[int, str] | None:
    """The code and reason with which to answer an illegal close frame; None if it is legal."""
    if code is not None and code not in LEGAL_CLOSE_CODES:
        return PROTOCOL_ERROR, f"invalid close code {code}"
    try:
        (reason or b"").decode()
    except UnicodeDecodeError:
        return INVALID_PAYLOAD, "invalid close reason"
    return None
