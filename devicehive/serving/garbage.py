"""Keeps full garbage collections short, which stop the whole process.

Under load a full collection would happen again and again, and take 0.1 s for every thousand
connections. So objects that survive one are frozen, that is, left out of later ones. Most of them
are freed by their reference counts. Those in a reference cycle, such as an exception that a long
request has kept, wait until everything is collected again, every LOOK_AGAIN_SECONDS.
"""

import gc
from time import monotonic
from typing import Any

OLDEST_GENERATION = 2
"""The generation of full collections."""
LOOK_AGAIN_SECONDS = 3_600
"""How often frozen objects are collected, too."""


class Leaving:
    """A callback of the collector that freezes all objects after each full collection."""

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
    """Freeze the objects in use, now and after each full collection."""
    gc.callbacks.append(Leaving())
    gc.collect()
