"""Limits how much data one transaction holds in memory."""

from collections.abc import Iterable
from itertools import accumulate

BATCH_BYTES = 16_777_216
"""The most bytes of the requests in a batch, and characters of the records that they change. The
database and its driver keep several copies of each."""


def fitting(lengths: Iterable[int]) -> int:
    """How many items from the first on have at most BATCH_BYTES together, but at least one."""
    return max(1, sum(length <= BATCH_BYTES for length in accumulate(lengths)))
