"""cluster/info: where the reference server's brokers are (protocol, 5.1.3)."""

from devicehive.actions import Caller, Runs, action
from devicehive.shapes import Params

NONE_HERE = {"bootstrap.servers": "", "zookeeper.connect": ""}
"""This server has no brokers; DeviceHive's Python client wants texts all the same."""


@action("cluster/info", returns="clusterInfo", runs=Runs.INLINE)
def info(caller: Caller, params: Params) -> dict[str, str]:
    return NONE_HERE
