"""An example of each action, from the file beside the module of its handler.

`device.json` beside `device.py` has, by the name of the action, the members of a request and of
its answer, and of the push that follows if there is one.
"""

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from devicehive.protocol.actions import Action

Frame = dict[str, Any]

WIDTH = 80
"""Characters of a line of a frame; what is longer is laid out over several."""


class Example(NamedTuple):
    """Whole frames: tests send the request, and compare what comes back."""

    request: Frame
    answer: Frame


def example_of(action: Action) -> Example:
    """Raises KeyError if the action has none."""
    members = examples_beside(action.handler.__module__)[action.name]
    head = {"action": action.name, "requestId": 1}
    return Example(head | members["request"], head | {"status": "success"} | members["answer"])


def example_of_push(action: Action) -> Frame:
    """What is pushed when the example of the action is sent. Raises KeyError if nothing is."""
    members = examples_beside(action.handler.__module__)[action.name]
    return {"action": action.name} | members["push"]


@cache
def examples_beside(module: str) -> dict[str, dict[str, Frame]]:
    """The members of the frames, by action. Raises FileNotFoundError."""
    file = Path(str(sys.modules[module].__file__)).with_suffix(".json")
    written: dict[str, dict[str, Frame]] = json.loads(file.read_text())
    return written


def lay_out(value: Any, indent: int = 0, *, room: int = WIDTH) -> str:
    """Write JSON in which what fits into `room` on its first line is on one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) <= room or not isinstance(value, dict | list) or not value:
        return line
    inner = indent + 2
    named = value.items() if isinstance(value, dict) else [("", each) for each in value]
    parts = []
    for name, each in named:
        key = f"{json.dumps(name)}: " if name else ""
        # Less than the width by the comma after it.
        parts.append(key + lay_out(each, inner, room=WIDTH - inner - len(key) - 1))
    lines = ",\n".join(" " * inner + part for part in parts)
    return f"{line[0]}\n{lines}\n{' ' * indent}{line[-1]}"
