"""How many connections one turn of the event loop accepts."""

import socket
from types import SimpleNamespace

from devicehive.serving.arrivals import MOST_ACCEPTED, ArrivalPort


def test_a_turn_of_the_loop_accepts_few_connections_however_many_come() -> None:
    came: list[object] = []
    factory = SimpleNamespace(
        doStart=lambda: None, doStop=lambda: None, buildProtocol=came.append, noisy=False
    )
    port = ArrivalPort.adopt(socket.create_server(("127.0.0.1", 0)), factory)
    clients = [socket.create_connection(port.socket.getsockname()) for _ in range(10)]
    try:
        counts = []
        for _ in range(4):
            port.doRead()
            counts.append(len(came))
    finally:
        port.stopReading()
        port.socket.close()
        for client in clients:
            client.close()
    assert counts == [MOST_ACCEPTED, 2 * MOST_ACCEPTED, 10, 10]
