"""Which connections of this process act for which user."""

import threading
from collections import defaultdict
from typing import Any, Generic, TypeVar

C = TypeVar("C")


class Sessions(Generic[C]):
    """The open connections, by all users that each has ever authenticated as.

    Handlers add in their threads; the event loop removes.
    """

    def __init__(self) -> None:
        self.changing = threading.Lock()
        """Held while the principal of a connection is changed: a thread that has looked up an old
        one must not overwrite one that has authenticated meanwhile."""
        self.changes = 0
        """How often the access of a user was said to have changed. Who reads what a user may do, to
        keep it, reads again if this has grown meanwhile."""
        self._lock = threading.Lock()
        self._of: dict[int, set[C]] = defaultdict(set)

    def add(self, user_id: int, connection: C) -> None:
        with self._lock:
            self._of[user_id].add(connection)

    def remove(self, user_id: int, connection: C) -> None:
        """Forget a connection, even one that is not there any more."""
        with self._lock:
            self._of[user_id].discard(connection)
            if not self._of[user_id]:
                del self._of[user_id]

    def note_change(self) -> None:
        with self._lock:
            self.changes += 1

    def of(self, user_id: int) -> list[C]:
        with self._lock:
            return list(self._of.get(user_id, ()))

    def __bool__(self) -> bool:
        return bool(self._of)


sessions: Sessions[Any] = Sessions()
