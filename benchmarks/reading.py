"""Loads that only read."""

from benchmarks.load import Saver
from benchmarks.websocket import authentication


class Reader(Saver):
    """Sends requests that only read, so answers acknowledge no saves."""

    __slots__ = ()

    def device(self, count: int) -> str:
        return next(self.devices)

    def acknowledged(self, device: str, count: int) -> None:
        """Do nothing: nothing was stored."""


class Getter(Reader):
    __slots__ = ()

    def request(self, count: int, device: str) -> bytes:
        return b'{"action":"device/get","requestId":%d,"deviceId":"%b"}' % (count, device.encode())


class Authenticator(Reader):
    __slots__ = ()

    def request(self, count: int, device: str) -> bytes:
        return authentication(count, self.target.token)


class Counter(Reader):
    __slots__ = ()

    def request(self, count: int, device: str) -> bytes:
        return b'{"action":"device/count","requestId":%d}' % count


class PageLister(Reader):
    __slots__ = ()

    def request(self, count: int, device: str) -> bytes:
        return b'{"action":"device/list","requestId":%d}' % count


class Lister(Reader):
    __slots__ = ()

    def request(self, count: int, device: str) -> bytes:
        return b'{"action":"device/list","requestId":%d,"take":1000}' % count
