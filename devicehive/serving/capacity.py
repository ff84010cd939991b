"""How many of something may be at once: in this process, and of one address."""

from collections import Counter

from devicehive.protocol.refusals import LaterRefusal
from devicehive.serving.addresses import Address

RETRY_AFTER = 1
"""Seconds after which who found no place may come again; most are taken for less."""


class Capacity:
    """A number of places. Who finds none does not wait for one, but is refused at once."""

    def __init__(self, most: int, most_of_address: int) -> None:
        self.most = most
        self.most_of_address = most_of_address
        """Of one that is not trusted, so that nobody takes all alone."""
        self.taken = 0
        self.taken_by: Counter[Address] = Counter()

    def hold(self, address: Address) -> "Held":
        """A place, to be held by `with`, which raises Refused if there is none."""
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
    """A place that somebody has, by `with`: contextlib's way takes three times as long."""

    __slots__ = ("address", "capacity")

    def __init__(self, capacity: Capacity, address: Address) -> None:
        self.capacity = capacity
        self.address = address

    def __enter__(self) -> None:
        self.capacity.take(self.address)

    def __exit__(self, *error: object) -> None:
        self.capacity.give_back(self.address)
