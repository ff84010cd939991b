"""cluster/info: the brokers of a cluster (protocol, 5.1.3), which the reference server has."""

import msgspec

from devicehive.protocol.actions import Caller, Runs, action
from devicehive.protocol.bodies import Params


class Brokers(msgspec.Struct):
    """This server has none; DeviceHive's Python client wants texts all the same."""

    bootstrap_servers: str = msgspec.field(default="", name="bootstrap.servers")
    zookeeper_connect: str = msgspec.field(default="", name="zookeeper.connect")


@action("cluster/info", returns="clusterInfo", runs=Runs.INLINE)
def info(caller: Caller, params: Params) -> Brokers:
    """Where the brokers are. This server has none and answers empty texts."""
    return Brokers()
