"""Which devices the connections of this process act for, and which were heard of (ADR 30).

It is kept in memory, because a save must not pay for it, and taken every few seconds by who writes
it down.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

from devicehive.protocol.permissions import Principal


class Speaker(Protocol):
    """Who does what devices do."""

    address: str
    principal: Principal | None


@dataclass(slots=True)
class Heard:
    """A speaker that has gone: what it came in, such as a request with all its headers, is not kept
    for it."""

    address: str
    principal: Principal | None


class Attendant(Speaker, Protocol):
    """A speaker that stays: while it is there, its devices are connected."""

    acts_for: set[str]
    closed: bool


@dataclass(frozen=True, slots=True)
class Attended:
    """What was seen of devices since this was asked last."""

    heard: Mapping[str, Speaker] = field(default_factory=dict)
    """Devices that were heard of, and who spoke for each last."""
    turned: Mapping[str, bool] = field(default_factory=dict)
    """Devices of which the first connection came or the last one went: whether one is there."""

    @property
    def ids(self) -> set[str]:
        return {*self.heard, *self.turned}

    def slices(self, size: int) -> Iterator[Self]:
        """What was noted, so many devices at a time, in the order of their ids."""
        ids = sorted(self.ids)
        for start in range(0, len(ids), size):
            yield self.only(ids[start : start + size])

    def only(self, ids: Iterable[str]) -> Self:
        """What was noted, as far as it is about these devices."""
        ids = list(ids)
        heard = {id_: self.heard[id_] for id_ in ids if id_ in self.heard}
        return type(self)(heard, {id_: self.turned[id_] for id_ in ids if id_ in self.turned})


class Attendance:
    """Connections speak on the event loop and in the threads of handlers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: dict[str, Speaker] = {}
        self._connections: dict[str, int] = {}
        """How many connections each device has, which has any."""
        self._turned: set[str] = set()

    def hear(self, device_id: str, speaker: Speaker) -> None:
        """Note that a device was heard of, which does not make it connected: by a request of REST,
        that is."""
        heard = Heard(speaker.address, speaker.principal)
        with self._lock:
            self._heard[device_id] = heard

    def join(self, device_id: str, connection: Attendant) -> None:
        """Note that a device was heard of, and is connected until `leave`."""
        with self._lock:
            self._heard[device_id] = connection
            if device_id in connection.acts_for or connection.closed:
                return
            connection.acts_for.add(device_id)
            others = self._connections.get(device_id, 0)
            self._connections[device_id] = others + 1
            if not others:
                self._turned.add(device_id)

    def leave(self, connection: Attendant) -> None:
        """Note that a connection, which is `closed`, acts for nobody any more."""
        with self._lock:
            for device_id in connection.acts_for:
                self._connections[device_id] -= 1
                if not self._connections[device_id]:
                    del self._connections[device_id]
                    self._turned.add(device_id)
            connection.acts_for.clear()

    def take(self) -> Attended:
        """What was seen since this was called last."""
        with self._lock:
            heard, self._heard = self._heard, {}
            turned, self._turned = self._turned, set()
            return Attended(heard, {id_: id_ in self._connections for id_ in turned})

    def put_back(self, attended: Attended) -> None:
        """Let the next `take` tell this once more: it could not be written down."""
        with self._lock:
            self._heard = {**attended.heard, **self._heard}
            self._turned.update(attended.turned)

    def turn_all(self) -> None:
        """Let the next `take` tell of all that are connected: what was written is not there any
        more."""
        with self._lock:
            self._turned.update(self._connections)

    def __len__(self) -> int:
        """How many devices are connected to this process."""
        return len(self._connections)


attendance = Attendance()
