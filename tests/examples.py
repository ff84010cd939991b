"""How many random examples property tests try: a quarter of them, or with THOROUGH all."""

import os

IS_THOROUGH = bool(os.environ.get("THOROUGH"))
"""As continuous integration is. Examples are the same in each run, and those of a shorter run are
the first of a longer one."""


def examples(number: int) -> int:
    """How many to try of `number`."""
    return number if IS_THOROUGH else max(1, number // 4)
