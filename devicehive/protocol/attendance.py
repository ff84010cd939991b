"""The presence of devices in this process: which are connected, and which were heard of (ADR 30).

It is kept in memory, so that a save does not pay for it; every few seconds the code that stores
presence takes it from here.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

from devicehive.protocol.permissions import Principal


class Speaker(Protocol):
    """A client that did something on behalf of a device."""

    address: str
    principal: Principal | None


@dataclass(slots=True)
class Heard:
    """A copy of a speaker that may be gone. The caller itself is not kept, because it would keep a
    whole HTTP request with its headers in memory."""

    address: str
    principal: Principal | None


class Attendant(Speaker, Protocol):
    """A speaker with a lasting connection: while it is open, its devices count as connected."""

    acts_for: set[str]
    closed: bool


@dataclass(frozen=True, slots=True)
class Attended:
    """The presence that was noted since it was taken last."""

    heard: Mapping[str, Speaker] = field(default_factory=dict)
    """By device id: the client that spoke last on behalf of the device."""
    changed: Mapping[str, bool] = field(default_factory=dict)
    """By id of each device whose first connection opened or last one closed: whether it is
    connected now."""

    @property
    def ids(self) -> set[str]:
        return {*self.heard, *self.changed}

    def slices(self, size: int) -> Iterator[Self]:
        """The same in slices of at most `size` devices, sorted by their ids."""
        ids = sorted(self.ids)
        for start in range(0, len(ids), size):
            yield self.only(ids[start : start + size])

    def only(self, ids: Iterable[str]) -> Self:
        """The part that is about these devices."""
        ids = list(ids)
        heard = {id_: self.heard[id_] for id_ in ids if id_ in self.heard}
        return type(self)(heard, {id_: self.changed[id_] for id_ in ids if id_ in self.changed})


class Attendance:
    """The devices of this process and their connections. All methods may be called from the event
    loop and from the threads of handlers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: dict[str, Speaker] = {}
        self._connections: dict[str, int] = {}
        """The number of connections of each connected device."""
        self._changed: set[str] = set()

    def hear(self, device_id: str, speaker: Speaker) -> None:
        """Note that a device was heard of by a REST request, which does not make it connected."""
        heard = Heard(speaker.address, speaker.principal)
        with self._lock:
            self._heard[device_id] = heard

    def join(self, device_id: str, connection: Attendant) -> None:
        """Note that a device was heard of and is connected, until `leave` is called with this
        connection."""
        with self._lock:
            self._heard[device_id] = connection
            if device_id in connection.acts_for or connection.closed:
                return
            connection.acts_for.add(device_id)
            others = self._connections.get(device_id, 0)
            self._connections[device_id] = others + 1
            if not others:
                self._changed.add(device_id)

    def leave(self, connection: Attendant) -> None:
        """Note that a connection, which is `closed` by now, no longer acts for its devices."""
        with self._lock:
            for device_id in connection.acts_for:
                self._connections[device_id] -= 1
                if not self._connections[device_id]:
                    del self._connections[device_id]
                    self._changed.add(device_id)
            connection.acts_for.clear()

    def take(self) -> Attended:
        """The presence noted since the last call; it is forgotten here."""
        with self._lock:
            heard, self._heard = self._heard, {}
            changed, self._changed = self._changed, set()
            return Attended(heard, {id_: id_ in self._connections for id_ in changed})

    def put_back(self, attended: Attended) -> None:
        """Let the next `take` return this again: it could not be stored."""
        with self._lock:
            self._heard = {**attended.heard, **self._heard}
            self._changed.update(attended.changed)

    def note_all_changed(self) -> None:
        """Let the next `take` return all connected devices: their stored presence is lost."""
        with self._lock:
            self._changed.update(self._connections)

    def __len__(self) -> int:
        """The number of devices that are connected to this process."""
        return len(self._connections)


attendance = Attendance()
