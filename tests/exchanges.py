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
    is_empty: bool
    """Whether the answer is a success that shows nothing: lists without items, counts of 0."""


noted: set[Exchange] = set()


def note(login: str | None, frame: str, answer: dict[str, Any]) -> None:
    if not isinstance(answer.get("action"), str):
        return
    shown = [answer[key] for key in answer.keys() - {"action", "requestId", "status"}]
    noted.add(
        Exchange(
            login,
            answer["action"],
            frozenset(_paths(json.loads(frame))),
            answer.get("code"),
            answer.get("error"),
            bool(shown) and not any(shown),
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
