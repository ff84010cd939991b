"""The state that all connections of one address share: their turns to be read, and their limits."""

from collections import deque
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any
from weakref import WeakValueDictionary

from django.conf import settings

from devicehive.serving.lanes import Lane

IPV6_PREFIX = 64
"""The bits of an IPv6 address that identify a customer, who gets a whole /64 to choose from."""


class Address:
    """An IPv4 address, or an IPv6 network of one customer."""

    def __init__(self, key: str, *, trusted: bool) -> None:
        self.key = key
        """The text that identifies it (`prefix_of`)."""
        self.trusted = trusted
        """Whether it is exempt from the limits for one address."""
        self.strangers = 0
        """The number of its WebSockets that have not authenticated."""
        self.waiting: deque[Callable[[], None]] = deque()
        """Functions that read its connections which wait for a turn (`turns`)."""
        self.lane = Lane()
        """Serialises its requests for lists and pages."""

    @property
    def has_too_many_strangers(self) -> bool:
        return not self.trusted and self.strangers > settings.ANONYMOUS_CONNECTIONS


_addresses: WeakValueDictionary[str, Address] = WeakValueDictionary()


def host_of(scope: dict[str, Any]) -> str:
    """The text of a client's address in an ASGI scope; "" if the server does not give it."""
    return scope["client"][0] if scope.get("client") else ""


def address_of(scope: dict[str, Any]) -> Address:
    """The address of a client in an ASGI scope; behind a proxy, the address that the proxy says."""
    return address_at(host_of(scope))


def address_at(host: str) -> Address:
    """The address with this text. Any thread may call this."""
    key = prefix_of(host)
    address = _addresses.get(key)
    if address is None:
        address = _addresses[key] = Address(key, trusted=is_trusted(host))
    return address


def is_trusted(host: str) -> bool:
    """Whether an address is in TRUSTED_NETWORKS. An empty text, as of a Unix socket, is trusted,
    because all clients share it."""
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
    """The key of an address: the text of IPv4, the /64 of IPv6; any other text stands for
    itself."""
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
    """The function that tells whether the client of a scope has left, if the server has one."""
    left: Callable[[], bool] = (scope.get("extensions") or {}).get("devicehive.left", stays)
    return left


def stays() -> bool:
    """Used where it is not known whether the client has left."""
    return False
