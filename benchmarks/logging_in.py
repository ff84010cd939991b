"""Loads that log in with a password, and that guess passwords."""

from itertools import count

from benchmarks.load import Idler, Target
from benchmarks.peers.account import LOGIN, NEWCOMERS, PASSWORD, newcomer
from benchmarks.reading import Reader

_newcomers = (newcomer(number) for number in range(NEWCOMERS))
_guesses = count()


def log_in(number: int, login: str, password: str) -> bytes:
    return b'{"action":"token","requestId":%d,"login":"%b","password":"%b"}' % (
        number,
        login.encode(),
        password.encode(),
    )


class Returner(Reader):
    """Logs in over and over, as DeviceHive's Python client does for every call."""

    __slots__ = ()

    def request(self, count: int, device: str) -> bytes:
        return log_in(count, LOGIN, PASSWORD)


class Newcomer(Reader):
    """Logs in as one user after the other, each for the first time."""

    __slots__ = ()

    def request(self, count: int, device: str) -> bytes:
        return log_in(count, next(_newcomers), PASSWORD)


class Guesser(Idler):
    """Tries a wrong password for another login as soon as the last try is refused."""

    __slots__ = ()

    def __init__(self, target: Target) -> None:
        super().__init__(target.port, target.token)
        self.guess()

    def guess(self) -> None:
        number = next(_guesses)
        self.socket.sendall(self.frame(log_in(number, f"guessed-{number}", "wrong phrase")))

    def answered(self, latencies: list[float]) -> int:
        answers = self.receive()
        for _ in answers:
            self.guess()
        return len(answers)
