"""cluster/info (protocol, 5.1.3)."""

from tests.conftest import Connection, success


def test_anyone_may_ask_for_the_cluster(anonymous: Connection) -> None:
    brokers = {"bootstrap.servers": "", "zookeeper.connect": ""}
    assert anonymous.ask("cluster/info") == success("cluster/info", clusterInfo=brokers)
