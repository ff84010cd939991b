"""SIGTERM: the server answers what it received, tells clients, and exits with status 0."""

import asyncio
import json
import signal

import pytest
from websockets.exceptions import ConnectionClosed

from tests.conftest import success
from tests.faults.load import load, stored
from tests.faults.raw_socket import frame, raw_socket
from tests.server import StartServer

RESTART = 1012


async def test_what_is_stored_is_acknowledged(start_server: StartServer) -> None:
    server = start_server()
    async with load(server) as running:
        await running.acknowledges(500)
        server.process.terminate()
    assert {saver.close_code for saver in running.savers} == {RESTART}
    assert await asyncio.to_thread(server.wait) == 0
    server.start()
    assert stored(server, running.savers) == [saver.acknowledged for saver in running.savers]


def test_idle_connections_are_closed(start_server: StartServer) -> None:
    server = start_server()
    idle = [server.connect("bob"), server.connect()]
    assert server.terminate() == 0
    for socket in idle:
        with pytest.raises(ConnectionClosed) as closed:
            socket.connection.recv(timeout=1)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == RESTART


def test_a_client_that_does_not_answer_the_close_holds_nothing_up(
    start_server: StartServer,
) -> None:
    server = start_server()
    with raw_socket(server, "bob") as silent:
        assert server.terminate() == 0
        assert silent.close_code() == RESTART


def test_a_client_that_does_not_read_holds_nothing_up(start_server: StartServer) -> None:
    server = start_server(UNSENT_SECONDS="1")
    with raw_socket(server, "bob") as deaf:
        request = frame(json.dumps({"action": "server/info", "requestId": "x" * 100_000}))
        deaf.flood(request, most=100_000_000)
        assert server.terminate() == 0


def test_a_slow_request_is_answered(start_server: StartServer) -> None:
    server = start_server()
    with raw_socket(server) as client:
        client.socket.sendall(
            frame('{"action":"token","requestId":1,"login":"bob","password":"x"}')
        )
        client.socket.sendall(frame('{"action":"server/info","requestId":2}'))
        server.process.terminate()
        assert json.loads(client.read()[1])["error"] == "Invalid credentials"
        assert json.loads(client.read()[1])["status"] == "success"
        assert client.close_code() == RESTART
    assert server.wait() == 0


def test_without_connections_it_ends_at_once(start_server: StartServer) -> None:
    server = start_server()
    server.get("/livez")
    assert server.terminate() == 0


def test_the_terminal_stops_it_too(start_server: StartServer) -> None:
    server = start_server()
    socket = server.connect("bob")
    server.process.send_signal(2)
    assert server.wait() == 0
    with pytest.raises(ConnectionClosed):
        socket.ask("server/info")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_as_well_when_it_is_asked_to_until_it_has_ended(
    start_server: StartServer, number: signal.Signals
) -> None:
    server = start_server()
    server.connect("bob")
    while server.process.poll() is None:
        server.process.send_signal(number)
    assert server.wait() == 0


def test_a_stopped_server_starts_again_on_its_database(start_server: StartServer) -> None:
    server = start_server()
    server.connect("bob").ask("device/save", deviceId="kept", device={"name": "Kept"})
    server.terminate()
    server.start()
    answer = server.connect("bob").ask("device/save", deviceId="kept", device={})
    assert answer == success("device/save")
