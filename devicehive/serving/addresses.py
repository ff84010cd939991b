"""What the connections of one address share: turns to read, and a number of strangers."""

import asyncio
from collections import deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Any
from weakref import WeakValueDictionary

from django.conf import settings

IPV6_PREFIX = 64
"""Bits of an IPv6 address that are one's own: a customer is given a /64 to choose from."""


class Address:
    """An IPv4 address, or an IPv6 network of one customer.

    Of its connections that sent more than fits a turn, one reads on in each turn of the event
    loop, however many they are.
    """

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], None]] = deque()

    def queue(self, read: Callable[[], None]) -> None:
        """Have `read` called when it is its turn."""
        self.waiting.append(read)
        if len(self.waiting) == 1:
            asyncio.get_running_loop().call_soon(self.turn)

    def turn(self) -> None:
        read = self.waiting[0]
        try:
            read()  # Queues itself again if it has more.
        finally:
            self.waiting.popleft()
            if self.waiting:
                asyncio.get_running_loop().call_soon(self.turn)


_addresses: WeakValueDictionary[str, Address] = WeakValueDictionary()


def address_of(scope: dict[str, Any]) -> Address:
    """The address that a connection comes from; behind a proxy, the one it says."""
    host = scope["client"][0] if scope["client"] else ""
    forwarded = dict(scope["headers"]).get(b"x-forwarded-for")
    if forwarded and settings.TRUST_PROXY:
        # The last is the one that the proxy saw; those before it, a client can make up.
        host = forwarded.decode("latin1").rpartition(",")[2].strip()
    key = network_of(host)
    address = _addresses.get(key)
    if address is None:
        address = _addresses[key] = Address()
    return address


def network_of(host: str) -> str:
    """What counts as one address; a text that is none stands for itself."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return address.packed[: IPV6_PREFIX // 8].hex()
