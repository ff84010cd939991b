"""The open connections of this process, by user."""

import threading
from collections import defaultdict
from typing import Any, Generic, TypeVar

C = TypeVar("C")


class Sessions(Generic[C]):
    """The open connections by user. A connection is found under each user that it has ever
    authenticated as.

    Threads of handlers add connections; the event loop removes them.
    """

    def __init__(self) -> None:
        self.changing = threading.Lock()
        """Held while the principal of a connection is replaced: a thread that looked a principal up
        must not overwrite one that has authenticated meanwhile."""
        self.changes = 0
        """How often any user's access has changed. Code that caches what a user may do reads it
        again if this number has grown meanwhile."""
        self._lock = threading.Lock()
        self._of: dict[int, set[C]] = defaultdict(set)

    def add(self, user_id: int, connection: C) -> None:
        with self._lock:
            self._of[user_id].add(connection)

    def remove(self, user_id: int, connection: C) -> None:
        """Remove a connection; nothing happens if it is not there."""
        with self._lock:
            self._of[user_id].discard(connection)
            if not self._of[user_id]:
                del self._of[user_id]

    def note_change(self) -> None:
        """Count a change of some user's access."""
        with self._lock:
            self.changes += 1

    def of(self, user_id: int) -> list[C]:
        """The connections that have authenticated as this user."""
        with self._lock:
            return list(self._of.get(user_id, ()))

    def __bool__(self) -> bool:
        return bool(self._of)


sessions: Sessions[Any] = Sessions()
