"""An event: what is told, about what, and who has stored it."""

import secrets
from datetime import datetime

import msgspec

PROCESS = secrets.randbelow((1 << 31) - 1) + 1
"""This process, among all there are and were: 31 random bits, never 0."""

COMMAND_LINE = 0
"""Stands for all that no server process has stored. It numbers nothing, and is always looked up."""

EVERYTHING = "*"
"""The topic of subscriptions without any limit; every event has it."""


EVERY_ACTION = "*"
"""Stands for every action, among those that a process wants to hear of, or tells of."""


class Event(msgspec.Struct, frozen=True, eq=False, omit_defaults=True):
    """Something that subscribers are told of, once it is committed."""

    action: str
    """The action of the push, such as `command/insert`; or what no push is called, which the
    servers themselves are to hear of."""
    member: str
    """The member of the push that holds `body`."""
    name: str
    """What the `names` of a subscription are compared with."""
    topics: frozenset[str]
    key: str
    """Identifies the event, in a replay and live alike."""
    body: msgspec.Raw
    origin: int | None = None
    """The process that stored it; None for a command line, and for updates."""
    stored_at: datetime | None = None
    """When it was stored, if that tells what its origin has stored first: not for updates."""
    is_late: bool = False
    """It was missed and then read from the database. It is not told to those who have subscribed
    since it was stored."""
