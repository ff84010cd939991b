"""How events reach those who listen: one device tells, and many connections hear it.

The device waits until everyone has heard one notification before it tells the next, so that no
contender is driven into dropping any. Each must come to each listener once and in order.
"""

import select
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import msgspec

from benchmarks.contenders import Running
from benchmarks.load import SILENCE_SECONDS, Target, Window, notification
from benchmarks.proc import Meter
from benchmarks.regimes import DEVICES, WARM_UP_SECONDS, Measured, Meters, device_ids
from benchmarks.websocket import WebSocket, decode_answer

TELLING = device_ids()[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fanout:
    name: str
    title: str
    listeners: int
    others: int = 0
    """Connections that listen to other devices, one each."""
    unit: str = "deliveries"
    contenders: tuple[str, ...] = ("server", "naive")
    databases: tuple[str, ...] = ("SQLite",)
    processes: int = 1


SIZES = (1, 10, 100, 1_000)
FANOUTS = (
    *(
        Fanout(name=f"fan-{size}", title=f"1 device, {size:,} listening", listeners=size)
        for size in SIZES
    ),
    Fanout(
        name="apart",
        title="1 device, 1 listening, 999 listening to others",
        listeners=1,
        others=DEVICES - 1,
        contenders=("server",),
    ),
    *(
        Fanout(
            name=f"pair-{size}",
            title=f"1 device, {size:,} listening to another process",
            listeners=size,
            databases=("PostgreSQL",),
            processes=2,
        )
        for size in SIZES
    ),
)


class Parameters(msgspec.Struct):
    count: int


class Told(msgspec.Struct):
    parameters: Parameters


class Push(msgspec.Struct, rename="camel"):
    subscription_id: int
    notification: Told


class Subscribed(msgspec.Struct, rename="camel"):
    subscription_id: int


decode_push = msgspec.json.Decoder(Push).decode


class Listener(WebSocket):
    """Hears every notification of one device."""

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


class Teller(WebSocket):
    __slots__ = ("target",)

    def __init__(self, target: Target) -> None:
        super().__init__(target.port, target.token)
        self.target = target

    def tell(self) -> None:
        self.target.sent += 1
        self.socket.sendall(self.frame(notification(self.target.sent, TELLING)))

    def answered(self) -> int:
        answers = self.receive()
        for text in answers:
            answer = decode_answer(text)
            if answer.request_id != self.target.sent or answer.status != "success":
                self.target.failures.append(text.decode())
            self.target.inserted += 1
        return len(answers)


def measure_fanout(server: Running, regime: Fanout, number: int, seconds: float) -> Measured:
    meters = Meters(server)
    with connected(server, regime) as (teller, listeners):
        window = run(teller, listeners, seconds=seconds, meters=meters.all)
    return meters.measured(regime.name, number, window)


@contextmanager
def connected(server: Running, regime: Fanout) -> Iterator[tuple[Teller, list[Listener]]]:
    """The device is at the first process; the listeners are at the second, if there is one."""
    devices = [TELLING] * regime.listeners + device_ids()[1 : 1 + regime.others]
    with ExitStack() as stack:
        listeners = []
        for device in devices:
            port = server.second_port or server.target.port
            listeners.append(Listener(server.target, port, device))
            stack.callback(listeners[-1].close)
        teller = Teller(server.target)
        stack.callback(teller.close)
        yield teller, listeners


def run(
    teller: Teller, listeners: Sequence[Listener], *, seconds: float, meters: Sequence[Meter]
) -> Window:
    """Tell until the window closes. Raises ConnectionError."""
    window = Window(warm_up=WARM_UP_SECONDS, seconds=seconds, meters=meters)
    by_descriptor = {each.socket.fileno(): each for each in listeners}
    audience = sum(1 for each in listeners if each.device == TELLING)
    with select.epoll() as poll:
        for descriptor in (*by_descriptor, teller.socket.fileno()):
            poll.register(descriptor, select.EPOLLIN)
        while not window.closed:
            window.look(time.perf_counter())
            sent, missing, unanswered = time.perf_counter(), audience, 1
            teller.tell()
            while missing or unanswered:
                ready = poll.poll(SILENCE_SECONDS)
                if not ready:
                    raise ConnectionError(f"nothing heard for {SILENCE_SECONDS} seconds")
                for descriptor, _ in ready:
                    listener = by_descriptor.get(descriptor)
                    if listener is None:
                        unanswered -= teller.answered()
                        continue
                    heard = listener.hear()
                    missing -= heard
                    window.latencies += [time.perf_counter() - sent] * heard
    return window
