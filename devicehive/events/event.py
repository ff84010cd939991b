"""Events: what subscribers are told, and which process has stored it."""

import secrets
from datetime import datetime

import msgspec

PROCESS = secrets.randbelow((1 << 31) - 1) + 1
"""The id of this process, unique among all that run or ever ran: 31 random bits, never 0."""

COMMAND_LINE = 0
"""Stands in place of a process id for all command lines. They do not number their messages, so
their events are always looked up in the database."""

EVERYTHING = "*"
"""The topic of subscriptions without limits. Every event has it."""


EVERY_ACTION = "*"
"""Stands for all actions, in the actions that a process wants events of, or sends events of."""


def origin_of(process: int) -> int | None:
    """The `origin` with which the events of a process are stored: None for COMMAND_LINE."""
    return None if process == COMMAND_LINE else process


class Event(msgspec.Struct, frozen=True, eq=False, omit_defaults=True):
    """A committed change that is pushed to subscribers, or that the server processes tell each
    other."""

    action: str
    """The action of the push, such as `command/insert`; or a name that no push has, for events
    between server processes."""
    member: str
    """The member of the push that holds `body`."""
    name: str
    """The name that the `names` of a subscription are compared with."""
    topics: frozenset[str]
    key: str
    """Identifies the event: it is the same in a replay and live."""
    body: msgspec.Raw
    origin: int | None = None
    """The id of the process that stored it; None for a command line, and for updates."""
    stored_at: datetime | None = None
    """When it was stored. None if this says nothing about the order in which its origin stored
    events, as for updates."""
    is_late: bool = False
    """Whether it was missed and then read from the database. Subscriptions that were made after it
    was stored do not get it."""
