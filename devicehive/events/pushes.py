"""The registry of pushes, the messages that the server sends to subscribers (protocol, 6.1)."""

from dataclasses import dataclass

import msgspec

pushes: dict[str, "Push"] = {}


@dataclass(frozen=True, slots=True)
class Push:
    """A push as it is described in the documents."""

    action: str
    body: type[msgspec.Struct]
    text: str
    shown_by: str
    """The action whose example contains the push."""

    @property
    def member(self) -> str:
        """The member that holds the body. Clients expect it to be the first part of the action."""
        return self.action.partition("/")[0]


def push(action: str, body: type[msgspec.Struct], text: str, *, shown_by: str | None = None) -> str:
    """Declare a push for the documents, and return its action. The example of a push is that of the
    action with the same name, or of `shown_by`, for a push that no request of that name causes."""
    pushes[action] = Push(action, body, text, shown_by or action)
    return action
