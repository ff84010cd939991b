"""Every frame that the suite sent over a `Connection`, and what was answered: what the documents
say of an action is held against it in test_registry.py."""

import json
from typing import Any, NamedTuple


class Exchange(NamedTuple):
    login: str | None
    action: str
    given: frozenset[str]
    """The members that were not null, such as `device` and `device.name`."""
    code: int | None
    error: str | None
    shown: frozenset[str]
    """The members of the answer, such as `devices`, `devices[]` and `devices[].id`."""
    is_empty: bool
    """Whether the answer is a success that shows nothing: lists without items, counts of 0."""


ENVELOPE = {"action", "requestId", "status", "code", "error"}

noted: set[Exchange] = set()


def note(login: str | None, frame: str, answer: dict[str, Any]) -> None:
    if not isinstance(answer.get("action"), str):
        return
    shown = {key: answer[key] for key in answer.keys() - ENVELOPE}
    noted.add(
        Exchange(
            login,
            answer["action"],
            frozenset(_paths(json.loads(frame))),
            answer.get("code"),
            answer.get("error"),
            frozenset(_shown(shown)),
            bool(shown) and not any(shown.values()),
        )
    )


def _paths(members: dict[str, Any], prefix: str = "") -> list[str]:
    paths = []
    for name, value in members.items():
        if value is not None:
            paths.append(prefix + name)
        if isinstance(value, dict) and not prefix:
            paths += _paths(value, f"{name}.")
    return paths


def _shown(members: dict[str, Any], prefix: str = "") -> list[str]:
    paths = []
    for name, value in members.items():
        path = prefix + name
        paths.append(path)
        if isinstance(value, dict):
            paths += _shown(value, f"{path}.")
        for item in value if isinstance(value, list) else ():
            paths.append(f"{path}[]")
            paths += _shown(item, f"{path}[].") if isinstance(item, dict) else []
    return paths
