"""Write presence as a server does, without waiting for its interval."""

from collections.abc import Iterator

from devices.services import presence_keeping


def go_through(steps: Iterator[None]) -> None:
    for _ in steps:
        pass


def keep() -> None:
    """What happens every PRESENCE_SECONDS."""
    go_through(presence_keeping.keep())


def release_lost() -> None:
    """Let no device be connected to a process that lives no more."""
    go_through(presence_keeping.release_lost())
