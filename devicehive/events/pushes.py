"""What the server says without being asked (protocol, 6.1)."""

from dataclasses import dataclass

import msgspec

pushes: dict[str, "Push"] = {}


@dataclass(frozen=True, slots=True)
class Push:
    action: str
    body: type[msgspec.Struct]
    text: str
    shown_by: str
    """The action whose example has it."""

    @property
    def member(self) -> str:
        """What holds the body: clients look under the first part of the action."""
        return self.action.partition("/")[0]


def push(action: str, body: type[msgspec.Struct], text: str, *, shown_by: str | None = None) -> str:
    """Declare a push, for the documents; returns its action. One that follows from no request is
    shown with the example of the action that subscribes to it."""
    pushes[action] = Push(action, body, text, shown_by or action)
    return action
