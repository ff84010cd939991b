"""Where REST and frames differ: the list in `routes.json` beside the `routes.py` of an app.

A test asks every action both ways and compares what it sees with this list.
"""

from functools import cache
from pathlib import Path

import msgspec
from django.apps import apps


class Difference(msgspec.Struct, frozen=True):
    """What a frame is told, and what the same request is over REST: a code and a text, or
    `success`. `...` in a text stands for a value."""

    where: str
    """A method and a path; `*` is all of them."""
    frame: str
    rest: str


class Parity(msgspec.Struct, frozen=True):
    answers: list[Difference] = []
    contents: dict[str, str] = {}
    """What successes tell otherwise, by method and path."""


@cache
def parity() -> Parity:
    """The lists of all apps."""
    found = [
        msgspec.json.decode(path.read_bytes(), type=Parity)
        for app in apps.get_app_configs()
        if (path := Path(app.path) / "routes.json").exists()
    ]
    return Parity(
        [each for one in found for each in one.answers],
        {where: text for one in found for where, text in one.contents.items()},
    )
