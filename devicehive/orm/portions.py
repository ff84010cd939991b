"""How much of what is stored, or is to be stored, one transaction takes into memory."""

from collections.abc import Iterable
from itertools import accumulate

BATCH_BYTES = 16_777_216
"""Of the requests of a batch, and characters of what they change; the database and its driver keep
each several times."""


def fitting(lengths: Iterable[int]) -> int:
    """How many of the first are together no longer than BATCH_BYTES; one, if that is longer."""
    return max(1, sum(length <= BATCH_BYTES for length in accumulate(lengths)))
