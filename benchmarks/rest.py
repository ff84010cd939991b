"""Loads that send the requests of the others over HTTP."""

import time
from collections.abc import Iterator

from benchmarks.http_connection import HttpConnection
from benchmarks.load import Target, new_or_next, saved_device

SUCCESSES = (200, 204)


class Putter(HttpConnection):
    """Saves over HTTP as `Saver` does, one of its own devices after the other."""

    __slots__ = ("asked", "devices", "target")

    def __init__(self, target: Target, devices: Iterator[str]) -> None:
        super().__init__(target.port, target.token)
        self.target = target
        self.devices = devices
        self.asked = (0, "", 0.0)

    def send(self, number: int) -> None:
        """Send one request: over HTTP there is only one in flight."""
        self.target.sent = count = self.target.sent + 1
        device = self.device(count)
        self.asked = count, device, time.perf_counter()
        self.request(count, device)

    def device(self, count: int) -> str:
        return new_or_next(count, self.devices)

    def request(self, count: int, device: str) -> None:
        self.ask("PUT", f"device/{device}", saved_device(count, device))

    def answered(self, latencies: list[float]) -> int:
        """Take the answer if it has arrived, and return how many have, successful or not."""
        answers = self.receive()
        now = time.perf_counter()
        for answer in answers:
            count, device, sent = self.asked
            if answer.status in SUCCESSES:
                self.acknowledged(device, count)
                latencies.append(now - sent)
            else:
                self.target.failures.append(repr(answer))
        return len(answers)

    def acknowledged(self, device: str, count: int) -> None:
        self.target.acknowledged[device] = count


class RestGetter(Putter):
    """Reads devices instead."""

    __slots__ = ()

    def device(self, count: int) -> str:
        return next(self.devices)

    def request(self, count: int, device: str) -> None:
        self.ask("GET", f"device/{device}")

    def acknowledged(self, device: str, count: int) -> None:
        """Do nothing: nothing was stored."""


class RestLister(RestGetter):
    __slots__ = ()

    def request(self, count: int, device: str) -> None:
        self.ask("GET", "device?take=1000")
