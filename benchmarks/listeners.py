"""Clients that receive the notifications of a device, over a WebSocket or by polls.

Each checks that it gets every notification once and in order.
"""

import time

import msgspec

from benchmarks.http_connection import HttpConnection
from benchmarks.load import Target
from benchmarks.websocket import WebSocket

WAIT_SECONDS = 60


class Parameters(msgspec.Struct):
    count: int


class Told(msgspec.Struct):
    parameters: Parameters


class Polled(Told):
    timestamp: str


class Push(msgspec.Struct, rename="camel"):
    subscription_id: int
    notification: Told


class Subscribed(msgspec.Struct, rename="camel"):
    subscription_id: int


decode_push = msgspec.json.Decoder(Push).decode
decode_polled = msgspec.json.Decoder(list[Polled]).decode


class Listener(WebSocket):
    """Receives every notification of one device over a subscription."""

    __slots__ = ("device", "heard", "subscription_id", "target")

    def __init__(self, target: Target, port: int, device: str) -> None:
        super().__init__(port, target.token)
        self.target = target
        self.device = device
        self.heard: int | None = None
        request = {"action": "notification/subscribe", "requestId": 1, "deviceId": device}
        self.socket.sendall(self.frame(msgspec.json.encode(request)))
        answers: list[bytes] = []
        while not answers:
            answers = self.receive()
        self.subscription_id = msgspec.json.decode(answers[0], type=Subscribed).subscription_id

    def hear(self) -> int:
        """Take what has arrived, and return how many."""
        pushes = self.receive()
        for text in pushes:
            push = decode_push(text)
            number = push.notification.parameters.count
            if push.subscription_id != self.subscription_id or self.heard not in (None, number - 1):
                self.target.failures.append(text.decode())
            self.heard = number
        return len(pushes)


class Poller(HttpConnection):
    """Receives every notification of one device by polls, one right after the other."""

    __slots__ = ("device", "heard", "target")

    def __init__(self, target: Target, port: int, device: str) -> None:
        super().__init__(port, target.token)
        self.target = target
        self.device = device
        self.heard: int | None = None
        self.poll(str(int(time.time() * 1000)))

    def poll(self, timestamp: str) -> None:
        query = f"names=measured&waitTimeout={WAIT_SECONDS}&timestamp={timestamp}"
        self.ask("GET", f"device/{self.device}/notification/poll?{query}")

    def hear(self) -> int:
        """Take what has arrived, and return how many."""
        answers = self.receive()
        for answer in answers:
            (told,) = decode_polled(answer.body)
            number = told.parameters.count
            if self.heard not in (None, number - 1):
                self.target.failures.append(repr(answer))
            self.heard = number
            self.poll(told.timestamp)
        return len(answers)
