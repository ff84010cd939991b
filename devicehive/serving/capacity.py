"""Limits how many requests are in flight: in this process, and from one address."""

from collections import Counter

from devicehive.protocol.refusals import LaterRefusal
from devicehive.serving.addresses import Address

RETRY_AFTER = 1
"""After how many seconds a refused client should try again; most requests take less."""


class Capacity:
    """A number of places. If all are taken, a request is refused at once instead of waiting."""

    def __init__(self, most: int, most_of_address: int) -> None:
        self.most = most
        self.most_of_address = most_of_address
        """The limit for an address that is not trusted, so that no client takes all places."""
        self.taken = 0
        self.taken_by: Counter[Address] = Counter()

    def hold(self, address: Address) -> "Held":
        """A context manager that holds a place. Entering it raises Refused if there is none."""
        return Held(self, address)

    def take(self, address: Address) -> None:
        self._check(address)
        self.taken += 1
        self.taken_by[address] += 1

    def give_back(self, address: Address) -> None:
        self.taken -= 1
        self.taken_by[address] -= 1
        if not self.taken_by[address]:
            del self.taken_by[address]

    def _check(self, address: Address) -> None:
        if self.taken >= self.most:
            raise LaterRefusal.UNAVAILABLE()
        if self.taken_by[address] >= self.most_of_address and not address.trusted:
            raise LaterRefusal.TOO_MANY_REQUESTS.after(RETRY_AFTER)


class Held:
    """The context manager of `Capacity.hold`. One by contextlib would take three times as long."""

    __slots__ = ("address", "capacity")

    def __init__(self, capacity: Capacity, address: Address) -> None:
        self.capacity = capacity
        self.address = address

    def __enter__(self) -> None:
        self.capacity.take(self.address)

    def __exit__(self, *error: object) -> None:
        self.capacity.give_back(self.address)
