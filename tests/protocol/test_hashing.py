"""The threads that hash passwords are bounded, and fair to everybody who waits."""

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from threading import Event

import pytest

from devicehive.protocol.refusals import LaterRefusal, Refused
from devicehive.serving import hashing
from devicehive.serving.addresses import stays
from devicehive.serving.hashing import HashQueue, Turn

SECONDS = 60


class Bench:
    """A queue whose only thread is busy until `go` is set."""

    def __init__(self, threads: int = 1) -> None:
        self.queue = HashQueue(threads)
        self.go, begun = Event(), [Event() for _ in range(threads)]
        self.done: list[str] = []
        for number, event in enumerate(begun):
            self.queue.submit(Turn("busy", str(number)), self.occupy(event), has_left=stays)
        for event in begun:
            assert event.wait(SECONDS)

    def occupy(self, begun: Event) -> Callable[[], object]:
        def wait() -> None:
            begun.set()
            self.go.wait(SECONDS)

        return wait

    def submit(
        self, origin: str, login: str, *, has_left: Callable[[], bool] = stays
    ) -> "Future[None]":
        def note() -> None:
            self.done.append(login)

        return self.queue.submit(Turn(origin, login), note, has_left=has_left)

    def order(self, futures: list["Future[None]"]) -> list[str]:
        self.go.set()
        for future in futures:
            future.result(SECONDS)
        return self.done


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.go.set()


def test_forty_of_one_user_do_not_hold_up_another(bench: Bench) -> None:
    futures = [bench.submit("there", "bob") for _ in range(40)]
    futures.append(bench.submit("here", "alice"))
    assert bench.order(futures) == ["bob", "alice", *["bob"] * 39]


def test_logins_of_one_address_share_its_turns(bench: Bench) -> None:
    futures = [bench.submit("there", f"bob-{number}") for number in range(3)]
    futures += [bench.submit("here", "alice") for _ in range(2)]
    assert bench.order(futures) == ["bob-0", "alice", "bob-1", "alice", "bob-2"]


def test_logins_of_one_address_take_turns(bench: Bench) -> None:
    futures = [bench.submit("there", login) for login in ("bob", "bob", "bob", "charlie")]
    assert bench.order(futures) == ["bob", "charlie", "bob", "bob"]


def test_one_login_is_hashed_by_one_thread() -> None:
    bench = Bench(threads=2)
    first, second = Event(), Event()

    def begin() -> bool:
        first.set()
        return second.wait(SECONDS)

    waits = bench.queue.submit(Turn("there", "bob"), begin, has_left=stays)
    again = bench.submit("there", "bob")
    bench.go.set()
    assert first.wait(SECONDS)
    bench.submit("here", "alice").result(SECONDS)
    assert not again.done()
    second.set()
    assert waits.result(SECONDS)
    again.result(SECONDS)
    assert bench.done == ["alice", "bob"]


def test_what_nobody_waits_for_is_not_done(bench: Bench) -> None:
    left = bench.submit("there", "bob", has_left=lambda: True)
    cancelled = bench.submit("there", "charlie")
    cancelled.cancel()
    assert bench.order([bench.submit("here", "alice")]) == ["alice"]
    with pytest.raises(CancelledError):
        left.result(SECONDS)


def test_who_may_have_left_is_not_given_up_while_nobody_else_waits(bench: Bench) -> None:
    assert bench.order([bench.submit("there", "bob", has_left=lambda: True)]) == ["bob"]


def test_who_asks_when_too_many_wait_is_refused_at_once(bench: Bench) -> None:
    futures = [
        bench.submit(f"address-{number % 8}", f"user-{number}")
        for number in range(hashing.MOST_WAITING)
    ]
    with pytest.raises(Refused) as refusal:
        bench.submit("here", "alice")
    assert refusal.value.refusal is LaterRefusal.TOO_MANY_ATTEMPTS
    assert refusal.value.retry_after == 26
    bench.order(futures)
    bench.submit("here", "alice").result(SECONDS)


def test_one_address_does_not_fill_the_queue(bench: Bench) -> None:
    for number in range(hashing.MOST_WAITING_OF_ORIGIN):
        bench.submit("there", f"user-{number}")
    with pytest.raises(Refused):
        bench.submit("there", "bob")
    bench.order([bench.submit("here", "alice")])


def test_those_who_have_left_make_room(bench: Bench) -> None:
    gone = Event()
    for _ in range(hashing.MOST_WAITING_OF_ORIGIN):
        bench.submit("there", "bob", has_left=gone.is_set)
    gone.set()
    assert bench.order([bench.submit("there", "charlie")]) == ["charlie"]


def test_a_failure_is_raised_to_who_waits(bench: Bench) -> None:
    future = bench.queue.submit(Turn("here", "alice"), lambda: 1 // 0, has_left=stays)
    bench.go.set()
    with pytest.raises(ZeroDivisionError):
        future.result(SECONDS)
    bench.submit("here", "alice").result(SECONDS)
