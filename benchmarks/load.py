"""The load: saves over many WebSockets from one thread.

Every answer is decoded. One that is not a success, or not the answer that is due on its
connection, is a failure and never counts as a save.
"""

import select
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from socket import socket
from typing import Protocol

from benchmarks.proc import Meter
from benchmarks.websocket import WebSocket, decode_answer
from benchmarks.window import SILENCE_SECONDS, Window

NEW_EVERY = 50
"""One of this many saves registers a new device."""


@dataclass(slots=True)
class Target:
    """The server that the load saves to, and what it has acknowledged."""

    port: int
    token: str
    action: str
    sent: int = 0
    acknowledged: dict[str, int] = field(default_factory=dict)
    """The `count` in the last acknowledged `data` of each device."""
    inserted: int = 0
    """The number of acknowledged notifications."""
    failures: list[str] = field(default_factory=list)


class Asker(Protocol):
    """A connection of the load that sends one request after the other."""

    @property
    def socket(self) -> socket: ...

    def send(self, number: int) -> None: ...

    def answered(self, latencies: list[float]) -> int: ...

    def close(self) -> None: ...


class Idler(WebSocket):
    """Sends no requests; only answers the server's pings."""

    __slots__ = ()

    def answered(self, latencies: list[float]) -> int:
        return len(self.receive())


class Saver(WebSocket):
    """Saves its devices over and over.

    No two connections share a device, so the last acknowledged save of a device must be what is
    stored at the end.
    """

    __slots__ = ("devices", "outstanding", "target")

    def __init__(self, target: Target, devices: Iterator[str]) -> None:
        super().__init__(target.port, target.token)
        self.target = target
        self.devices = devices
        self.outstanding: deque[tuple[int, str, float]] = deque()

    def send(self, number: int) -> None:
        now = time.perf_counter()
        frames = []
        for _ in range(number):
            self.target.sent = count = self.target.sent + 1
            device = self.device(count)
            self.outstanding.append((count, device, now))
            frames.append(self.frame(self.request(count, device)))
        self.socket.sendall(b"".join(frames))

    def device(self, count: int) -> str:
        return new_or_next(count, self.devices)

    def request(self, count: int, device: str) -> bytes:
        return save(self.target.action, count, device, saved_device(count, device))

    def answered(self, latencies: list[float]) -> int:
        """Take the answers that have arrived, and return how many, successful or not."""
        answers = self.receive()
        now = time.perf_counter()
        for text in answers:
            answer = decode_answer(text)
            count, device, sent = self.outstanding.popleft()
            if answer.request_id == count and answer.status == "success":
                self.acknowledged(device, count)
                latencies.append(now - sent)
            else:
                self.target.failures.append(text.decode())
        return len(answers)

    def acknowledged(self, device: str, count: int) -> None:
        self.target.acknowledged[device] = count


class Repeater(Saver):
    """Saves what is stored already, except for the first save of each device."""

    __slots__ = ()

    def device(self, count: int) -> str:
        return next(self.devices)

    def request(self, count: int, device: str) -> bytes:
        return save(self.target.action, count, device, saved_device(0, device))

    def acknowledged(self, device: str, count: int) -> None:
        self.target.acknowledged[device] = 0


class Inserter(Saver):
    """Inserts notifications of existing devices instead."""

    __slots__ = ()

    def device(self, count: int) -> str:
        return next(self.devices)

    def request(self, count: int, device: str) -> bytes:
        return notification(count, device)

    def acknowledged(self, device: str, count: int) -> None:
        self.target.inserted += 1


def notification(count: int, device: str) -> bytes:
    return (
        b'{"action":"notification/insert","requestId":%d,"deviceId":"%b","notification":'
        b'{"notification":"measured","parameters":{"count":%d,"temperature":21.5,'
        b'"firmware":"1.4.2","tags":["roof","north"]}}}' % (count, device.encode(), count)
    )


def new_or_next(count: int, devices: Iterator[str]) -> str:
    """The device of save number `count`."""
    return f"new-{count}" if count % NEW_EVERY == 0 else next(devices)


def save(action: str, count: int, device: str, body: bytes) -> bytes:
    """The frame of a save, as devices send it."""
    return b'{"action":"%b","requestId":%d,"deviceId":"%b","device":%b}' % (
        action.encode(),
        count,
        device.encode(),
        body,
    )


def saved_device(count: int, device: str) -> bytes:
    """The body of a save. `count` makes `data` differ from what is stored, so that a server that
    writes only changes has to write it."""
    return (
        b'{"name":"Sensor %b","data":'
        b'{"count":%d,"temperature":21.5,"firmware":"1.4.2","tags":["roof","north"]},'
        b'"networkId":1,"deviceTypeId":1,"isBlocked":false}' % (device.encode(), count)
    )


def run(
    savers: Sequence[Asker],
    *,
    depth: int,
    seconds: float,
    warm_up: float = 0.0,
    meters: Sequence[Meter] = (),
    idlers: Sequence[Idler] = (),
) -> Window:
    """Keep `depth` saves of each connection in flight until the window closes; return when every
    save that was sent is answered. Raises ConnectionError."""
    window = Window(warm_up=warm_up, seconds=seconds, meters=meters)
    connections: list[Asker | Idler] = [*savers, *idlers]
    by_descriptor = {each.socket.fileno(): each for each in connections}
    with select.epoll() as poll:
        for descriptor in by_descriptor:
            poll.register(descriptor, select.EPOLLIN)
        for saver in savers:
            saver.send(depth)
        in_flight = depth * len(savers)
        while in_flight:
            ready = poll.poll(SILENCE_SECONDS)
            if not ready:
                raise ConnectionError(f"no answer for {SILENCE_SECONDS} seconds")
            window.look(time.perf_counter())
            for descriptor, _ in ready:
                connection = by_descriptor[descriptor]
                number = connection.answered(window.latencies)
                if isinstance(connection, Idler):
                    continue
                if window.closed:
                    in_flight -= number
                elif number:
                    connection.send(number)
    return window


def answer_pings(idlers: Sequence[Idler]) -> None:
    """Answer the pings that have arrived: a server drops clients that do not answer."""
    with select.epoll() as poll:
        by_descriptor = {idler.socket.fileno(): idler for idler in idlers}
        for descriptor in by_descriptor:
            poll.register(descriptor, select.EPOLLIN)
        for descriptor, _ in poll.poll(0, len(idlers) or 1):
            by_descriptor[descriptor].receive()
