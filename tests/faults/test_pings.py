"""Connections without traffic."""

from tests.faults.raw_socket import PING, frame, raw_socket
from tests.server import Server, StartServer

PONG = 0xA


def test_the_server_pings_and_an_idle_connection_lives(start_server: StartServer) -> None:
    server = start_server(PING_SECONDS="1")
    with raw_socket(server, "bob") as idle:
        for _ in range(2):
            opcode, payload = idle.read()
            assert opcode == PING
            idle.socket.sendall(frame(payload, PONG))
        assert idle.ask("server/info")["status"] == "success"


def test_a_ping_is_answered_with_its_payload(server: Server) -> None:
    with raw_socket(server) as client:
        client.socket.sendall(frame("are you there", PING))
        assert client.read() == (PONG, b"are you there")
