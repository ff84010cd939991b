"""The garbage collector, which stops everything while it looks through what there is: 0.1 s for
every thousand connections, again and again under load.

What it has found in use once, it leaves alone from then on. Most of that is freed without it; what
is in a circle, such as an exception that a long request has kept, waits for the next look at all.
"""

import gc
from time import monotonic
from typing import Any

OLDEST_GENERATION = 2
"""The generation whose collection is one of all."""
LOOK_AGAIN_SECONDS = 3_600
"""How often it looks through all nevertheless."""


class Leaving:
    """Has each collection of all be of what came since the last."""

    def __init__(self) -> None:
        self.looked = monotonic()

    def __call__(self, phase: str, about: dict[str, Any]) -> None:
        if about["generation"] != OLDEST_GENERATION:
            return
        if phase == "stop":
            gc.freeze()
        elif monotonic() - self.looked > LOOK_AGAIN_SECONDS:
            self.looked = monotonic()
            gc.unfreeze()


def leave_what_is_used() -> None:
    gc.callbacks.append(Leaving())
    gc.collect()
