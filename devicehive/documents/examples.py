"""Reads the example of each action from the JSON file beside the module of its handler.

`device.json`, beside `device.py`, has by action the members of a `request`, of its `answer` and of
the `push` that follows, if there is one; and as `rest` the answer of REST, if it is another one.
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
"""The longest line of a frame in characters; a longer one is broken into several."""


class Example(NamedTuple):
    """Two whole frames. A test sends the request and compares the answer."""

    request: Frame
    answer: Frame


def example_of(action: Action) -> Example:
    """The example of an action. Raises KeyError if it has none."""
    members = examples_beside(action.handler.__module__)[action.name]
    head = {"action": action.name, "requestId": 1}
    return Example(head | members["request"], head | {"status": "success"} | members["answer"])


def example_of_push(name: str, action: Action) -> Frame:
    """The push in the example of an action. Raises KeyError if there is none."""
    push: Frame = examples_beside(action.handler.__module__)[action.name]["push"]
    return {"action": name} | push


class HttpExample(NamedTuple):
    """A whole request and the content of its answer. A test sends and compares them."""

    path: dict[str, Any]
    query: dict[str, Any]
    body: Any
    """None for no body."""
    content: Any
    """None for no content."""


def http_example_of(path: Path, call: Call) -> HttpExample:
    """The example of a path, made from that of its action. Raises KeyError if there is none.

    If the path's answer differs from that of a frame, the action's example has it as `rest`.
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
    """The examples in the file beside a module, by action. Raises FileNotFoundError."""
    file = pathlib.Path(str(sys.modules[module].__file__)).with_suffix(".json")
    written: dict[str, dict[str, Any]] = json.loads(file.read_text())
    return written


def lay_out(value: Any, indent: int = 0, *, room: int = WIDTH) -> str:
    """Write JSON with each value on one line, if it fits: into `room` characters on its first line,
    and into WIDTH with the indentation on the others."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) <= room or not isinstance(value, dict | list) or not value:
        return line
    inner = indent + 2
    named = value.items() if isinstance(value, dict) else [("", each) for each in value]
    parts = []
    for name, each in named:
        key = f"{json.dumps(name)}: " if name else ""
        # One character less, for the comma.
        parts.append(key + lay_out(each, inner, room=WIDTH - inner - len(key) - 1))
    lines = ",\n".join(" " * inner + part for part in parts)
    return f"{line[0]}\n{lines}\n{' ' * indent}{line[-1]}"
