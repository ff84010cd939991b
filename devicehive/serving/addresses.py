"""What the connections of one address share: turns to read, and limits of how many they are."""

from collections import deque
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any
from weakref import WeakValueDictionary

from django.conf import settings

from devicehive.serving.lanes import Lane

IPV6_PREFIX = 64
"""Bits of an IPv6 address that are one's own: a customer is given a /64 to choose from."""


class Address:
    """An IPv4 address, or an IPv6 network of one customer."""

    def __init__(self, key: str, *, trusted: bool) -> None:
        self.key = key
        """Tells it from every other."""
        self.trusted = trusted
        """Whether there are no limits of one address for it."""
        self.strangers = 0
        """Its WebSockets that have not authenticated."""
        self.waiting: deque[Callable[[], None]] = deque()
        """Those of its connections that wait to be read (`turns`)."""
        self.lane = Lane()

    @property
    def has_too_many_strangers(self) -> bool:
        return not self.trusted and self.strangers > settings.ANONYMOUS_CONNECTIONS


_addresses: WeakValueDictionary[str, Address] = WeakValueDictionary()


def host_of(scope: dict[str, Any]) -> str:
    """The text of that address; empty for a server that does not say."""
    return scope["client"][0] if scope.get("client") else ""


def address_of(scope: dict[str, Any]) -> Address:
    """The address that a connection or request comes from; behind a proxy, what that says."""
    return address_at(host_of(scope))


def address_at(host: str) -> Address:
    """The address that a text stands for. May be called in any thread."""
    key = prefix_of(host)
    address = _addresses.get(key)
    if address is None:
        address = _addresses[key] = Address(key, trusted=is_trusted(host))
    return address


def is_trusted(host: str) -> bool:
    """Whether TRUSTED_NETWORKS says so. Without a text it is anybody's, as behind a Unix socket."""
    if not host:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in settings.TRUSTED_NETWORKS)


@lru_cache(maxsize=4_096)
def prefix_of(host: str) -> str:
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


def has_left_of(scope: dict[str, Any]) -> Callable[[], bool]:
    """What tells whether a connection or request is closed, where the server knows that."""
    left: Callable[[], bool] = (scope.get("extensions") or {}).get("devicehive.left", stays)
    return left


def stays() -> bool:
    """Stands in where it is not known whether somebody has left."""
    return False
