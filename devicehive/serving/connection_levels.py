"""The metrics of open WebSockets."""

from collections.abc import Collection
from typing import Any

from devicehive.metrics import AUTHENTICATED, CONNECTIONS, UNSENT
from devicehive.serving.sockets import DeviceProtocol
from devicehive.serving.writing import unsent


def tell_of(connections: Collection[Any]) -> None:
    """Set the sources of the metrics to the connections of a server, of which some are HTTP
    requests. The metrics are read in other threads."""

    def sockets() -> list[DeviceProtocol]:
        found = [each for each in list(connections) if isinstance(each, DeviceProtocol)]
        return [each for each in found if each.state == each.STATE_OPEN]

    CONNECTIONS.sources[()] = lambda: len(sockets())
    AUTHENTICATED.sources[()] = lambda: sum(each.is_known for each in sockets())
    UNSENT.sources[()] = lambda: sum(
        unsent(each.transport) + each.backlog.bytes for each in sockets()
    )
