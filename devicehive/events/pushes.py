"""What the server says without being asked (protocol, 6.1)."""

from dataclasses import dataclass

import msgspec

pushes: dict[str, "Push"] = {}


@dataclass(frozen=True, slots=True)
class Push:
    action: str
    body: type[msgspec.Struct]
    text: str

    @property
    def member(self) -> str:
        """What holds the body: clients look under the first part of the action."""
        return self.action.partition("/")[0]


def push(action: str, body: type[msgspec.Struct], text: str) -> str:
    """Declare a push, for the documents; returns its action."""
    pushes[action] = Push(action, body, text)
    return action
