"""cluster/info: the brokers of a cluster (protocol, 5.1.3), which the reference server has."""

import re
from urllib.parse import urlsplit

import msgspec

from devicehive.protocol.actions import Caller, Runs, action
from devicehive.protocol.bodies import Params

PORTS = {"http": 80, "https": 443}


class Brokers(msgspec.Struct):
    bootstrap_servers: str = msgspec.field(name="bootstrap.servers")
    zookeeper_connect: str = msgspec.field(name="zookeeper.connect")


@action("cluster/info", returns="clusterInfo", runs=Runs.INLINE)
def info(caller: Caller, params: Params) -> Brokers:
    """Where the brokers are. This server has none and names itself, because DeviceHive's clients
    do not take empty texts (R-33)."""
    scheme, address = urlsplit(caller.base_url)[:2]
    itself = address if re.search(r":[0-9]+\Z", address) else f"{address}:{PORTS[scheme]}"
    return Brokers(itself, itself)
