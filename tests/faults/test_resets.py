"""Clients that disappear while the server still answers them."""

import socket
import struct

from tests.faults.raw_socket import raw_socket
from tests.faults.test_slow_clients import SAVE, assert_served
from tests.server import StartServer

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: close with RST at once."""


def test_a_reset_in_the_middle_of_answers_is_no_error(start_server: StartServer) -> None:
    server = start_server()
    for _ in range(10):
        with raw_socket(server, "bob") as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            # More than are read ahead: while the rest waits, the server does not see the reset.
            client.socket.sendall(SAVE * 500)
    assert_served(server)
    server.terminate()
    assert "Traceback" not in server.log
