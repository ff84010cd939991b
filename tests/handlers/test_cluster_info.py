"""cluster/info (protocol, 5.1.3)."""

import pytest

from tests.conftest import Connection, success


@pytest.mark.parametrize(
    ("base_url", "itself"),
    [
        ("http://testserver/api", "testserver:80"),
        ("https://devices.example.org", "devices.example.org:443"),
        ("http://127.0.0.1:8000/dh", "127.0.0.1:8000"),
        ("http://[::1]:8000/dh", "[::1]:8000"),
        ("http://[::1]/dh", "[::1]:80"),
    ],
)
def test_anyone_is_told_the_address_under_which_the_server_was_reached(
    anonymous: Connection, base_url: str, itself: str
) -> None:
    anonymous.caller.base_url = base_url
    brokers = {"bootstrap.servers": itself, "zookeeper.connect": itself}
    assert anonymous.ask("cluster/info") == success("cluster/info", clusterInfo=brokers)
