"""Measure the delivery of events: one device sends notifications, and many connections listen.

The device waits until everyone has received a notification before it sends the next, so that no
contender has to drop any. Each listener must receive each notification once and in order.
"""

import select
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks.databases import VENDORS
from benchmarks.listeners import Listener, Poller
from benchmarks.load import Target, notification
from benchmarks.measuring import Measured, Meters
from benchmarks.proc import Meter
from benchmarks.regimes import WARM_UP_SECONDS
from benchmarks.running import DEVICES, Running, device_ids
from benchmarks.websocket import WebSocket, decode_answer
from benchmarks.window import SILENCE_SECONDS, Window

TELLING = device_ids()[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fanout:
    name: str
    title: str
    listeners: int
    others: int = 0
    """The number of connections that listen to other devices, one each."""
    kind: type[Listener] | type[Poller] = Listener
    pause: float = 0.0
    """Seconds between two notifications, so that polls have begun to wait."""
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
            name=name,
            title=f"1 device, 1 {title}, now and then",
            listeners=1,
            kind=kind,
            pause=0.02,
            contenders=("server",),
            databases=VENDORS,
        )
        for name, title, kind in (("push", "listening", Listener), ("poll", "polling", Poller))
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
        window = run(teller, listeners, pause=regime.pause, seconds=seconds, meters=meters.all)
    return meters.measured(regime.name, number, window)


@contextmanager
def connected(server: Running, regime: Fanout) -> Iterator[tuple[Teller, list[Listener | Poller]]]:
    """The device is at the first process; the listeners are at the second, if there is one."""
    devices = [TELLING] * regime.listeners + device_ids()[1 : 1 + regime.others]
    with ExitStack() as stack:
        listeners: list[Listener | Poller] = []
        for device in devices:
            port = server.second_port or server.target.port
            listeners.append(regime.kind(server.target, port, device))
            stack.callback(listeners[-1].close)
        teller = Teller(server.target)
        stack.callback(teller.close)
        yield teller, listeners


def run(
    teller: Teller,
    listeners: Sequence[Listener | Poller],
    *,
    pause: float,
    seconds: float,
    meters: Sequence[Meter],
) -> Window:
    """Send notifications until the window closes. Raises ConnectionError."""
    window = Window(warm_up=WARM_UP_SECONDS, seconds=seconds, meters=meters)
    by_descriptor = {each.socket.fileno(): each for each in listeners}
    audience = sum(1 for each in listeners if each.device == TELLING)
    with select.epoll() as poll:
        for descriptor in (*by_descriptor, teller.socket.fileno()):
            poll.register(descriptor, select.EPOLLIN)
        while not window.closed:
            time.sleep(pause)
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
