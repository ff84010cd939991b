"""Parse numbers in the arguments of commands."""

from argparse import ArgumentTypeError
from collections.abc import Callable


def positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ArgumentTypeError(f"not more than 0: {text}")
    return number


def integer(*, least: int, most: int | None = None) -> Callable[[str], int]:
    """A parser of whole numbers within these bounds."""
    bounds = f"{least} or more" if most is None else f"{least} to {most}"

    def number(text: str) -> int:
        found = int(text)
        if found < least or (most is not None and found > most):
            raise ArgumentTypeError(f"not {bounds}: {text}")
        return found

    return number
