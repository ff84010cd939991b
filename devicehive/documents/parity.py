"""The list of differences between REST and frames, from `routes.json` beside an app's `routes.py`.

A test requests every action both ways and compares the differences with this list.
"""

from functools import cache
from pathlib import Path

import msgspec
from django.apps import apps


class Difference(msgspec.Struct, frozen=True):
    """The answer to a frame, and that to the same request over REST: a code and a text, or
    `success`. `...` in a text stands for a value."""

    where: str
    """A method and a path; `*` stands for all of them."""
    frame: str
    rest: str


class Parity(msgspec.Struct, frozen=True):
    """All differences of an app, or of all apps."""

    answers: list[Difference] = []
    contents: dict[str, str] = {}
    """By method and path: how the content of a successful answer differs."""


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
