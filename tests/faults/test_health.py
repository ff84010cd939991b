"""What a load balancer is told."""

from devicehive import __version__
from tests.server import Server, StartServer


def test_a_server_with_its_database_is_ready(server: Server) -> None:
    assert server.get("/livez") == (200, {"status": "alive"})
    assert server.get("/readyz") == (200, {"status": "ready", "version": __version__})


def test_a_server_without_its_database_lives_but_is_not_ready(start_server: StartServer) -> None:
    server = start_server(DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert server.get("/livez") == (200, {"status": "alive"})
    assert server.get("/readyz") == (503, {"status": "no database"})
    assert server.connect().ask("server/info")["status"] == "success"
