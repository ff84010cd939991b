"""An example of each action, from the file beside the module of its handler.

`device.json` beside `device.py` has, by the name of the action, the members of a request and of
its answer, and of the push that follows if there is one; and as `rest`, what a path of REST answers
where that is something else.
"""

import json
import pathlib
import sys
from functools import cache
from typing import Any, NamedTuple

from devicehive.protocol.actions import Action
from devicehive.protocol.http_messages import NO_CONTENT
from devicehive.protocol.paths import Path
from devicehive.protocol.routes import EVERY_MEMBER, Call

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


def example_of_push(name: str, action: Action) -> Frame:
    """A push, which the example of the action has. Raises KeyError if that has none."""
    push: Frame = examples_beside(action.handler.__module__)[action.name]["push"]
    return {"action": name} | push


class HttpExample(NamedTuple):
    """A whole request and the content of its answer, as tests send and compare them."""

    path: dict[str, Any]
    query: dict[str, Any]
    body: Any
    """None for no body."""
    content: Any
    """None for no content."""


def http_example_of(path: Path, call: Call) -> HttpExample:
    """Made of the example of the action. Raises KeyError if that has none.

    Where a path answers something else than frames do, the action's example tells it as `rest`.
    """
    members = examples_beside(call.action.handler.__module__)[call.action.name]
    others = {name: each for name, each in members["request"].items() if name not in path.members}
    in_path = {name: members["request"][name] for name in path.members}
    content = None if call.status == NO_CONTENT else _content(members, call)
    if call.body is None:
        return HttpExample(in_path, others, None, content)
    if call.body == EVERY_MEMBER:
        return HttpExample(in_path, {}, others, content)
    return HttpExample(in_path, {}, others[call.body], content)


def _content(members: dict[str, Any], call: Call) -> Any:
    if "rest" in members:
        return members["rest"]
    return members["answer"][call.action.returns] if call.action.returns else members["answer"]


@cache
def examples_beside(module: str) -> dict[str, dict[str, Any]]:
    """The members of the frames, by action. Raises FileNotFoundError."""
    file = pathlib.Path(str(sys.modules[module].__file__)).with_suffix(".json")
    written: dict[str, dict[str, Any]] = json.loads(file.read_text())
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
