"""Measure devices that reconnect at once, as after a power cut.

Each connects, authenticates and saves. A round ends when all are back; latencies run from
connecting to the answer to the save.
"""

import select
import socket
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks import proc
from benchmarks.databases import VENDORS
from benchmarks.files import most_connections
from benchmarks.load import Target, save, saved_device
from benchmarks.measuring import Measured, Meters
from benchmarks.running import Running
from benchmarks.websocket import WebSocket, authentication, decode_answer
from benchmarks.window import SILENCE_SECONDS, Window

AT_ONCE = 100
"""How many devices connect at a time: fewer than the listen queue holds."""
GONE_SECONDS = 30
RESET = struct.pack("ii", 1, 0)
"""For SO_LINGER: closes without TIME_WAIT, which would keep ports for a minute and use them up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    name: str
    title: str
    unit: str = "devices"
    contenders: tuple[str, ...] = ("server", "naive", "plain")
    databases: tuple[str, ...] = VENDORS
    processes: int = 1


STORMS = (Storm(name="reconnect", title="all devices connect, authenticate and save"),)


class Returning(WebSocket):
    """A device that reconnects."""

    __slots__ = ("began", "count", "device", "is_open", "target")

    def __init__(self, target: Target, device: str) -> None:
        self.target = target
        self.device = device
        self.is_open = False
        target.sent = self.count = target.sent + 1
        self.began = time.perf_counter()
        self.connect(target.port)

    def is_back(self) -> bool:
        """Take what has arrived, and send the next request; True once the save is answered."""
        if not self.is_open:
            self.expect_handshake()
            self.is_open = True
            self.socket.sendall(self.frame(authentication(0, self.target.token)))
            return False
        for text in self.receive():
            answer = decode_answer(text)
            if answer.status != "success":
                raise ConnectionError(f"a device was refused: {text!r}")
            if answer.request_id == self.count:
                self.target.acknowledged[self.device] = self.count
                return True
            body = saved_device(self.count, self.device)
            request = save(self.target.action, self.count, self.device, body)
            self.socket.sendall(self.frame(request))
        return False

    def drop(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.close()


def measure_storm(server: Running, regime: Storm, number: int) -> Measured:
    meters = Meters(server)
    window = Window(warm_up=0, seconds=0, meters=meters.all)
    files = proc.open_files(server.process.pid)
    back: list[Returning] = []
    try:
        window.open()
        come_back(server.target, server.device_ids()[: most_connections()], back, window.latencies)
        window.close()
    finally:
        for device in back:
            device.drop()
    _wait_until_closed(server.process.pid, files)
    return meters.measured(regime.name, number, window)


def come_back(
    target: Target, devices: Iterable[str], back: list[Returning], latencies: list[float]
) -> None:
    """Reconnect all devices, and return when all are back. Raises ConnectionError."""
    waiting = iter(devices)
    under_way: dict[int, Returning] = {}
    with select.epoll() as poll:

        def start() -> None:
            device = next(waiting, None)
            if device is not None:
                each = Returning(target, device)
                under_way[each.socket.fileno()] = each
                poll.register(each.socket, select.EPOLLIN)

        for _ in range(AT_ONCE):
            start()
        while under_way:
            ready = poll.poll(SILENCE_SECONDS)
            if not ready:
                raise ConnectionError(f"nobody came back for {SILENCE_SECONDS} seconds")
            for descriptor, _ in ready:
                each = under_way[descriptor]
                if each.is_back():
                    latencies.append(time.perf_counter() - each.began)
                    poll.unregister(descriptor)
                    back.append(under_way.pop(descriptor))
                    start()


def _wait_until_closed(pid: int, files: int) -> None:
    """Wait until the server has closed its connections, so that it is idle while others are
    measured."""
    deadline = time.monotonic() + GONE_SECONDS
    while proc.open_files(pid) > files and time.monotonic() < deadline:
        time.sleep(0.05)
