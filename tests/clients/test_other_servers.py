"""The application under other ASGI servers: runserver, daphne, uvicorn."""

import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.clients.test_python_client import session
from tests.server import MANAGE, SECONDS, Database, Server, launch

APPLICATION = "devicehive.asgi:application"


def runserver(port: int, descriptor: int) -> list[str]:
    return [MANAGE, "runserver", "--noreload", f"127.0.0.1:{port}"]


def daphne(port: int, descriptor: int) -> list[str]:
    return ["-m", "daphne", "--fd", str(descriptor), APPLICATION]


def uvicorn(port: int, descriptor: int) -> list[str]:
    return ["-m", "uvicorn", "--fd", str(descriptor), APPLICATION]


class OtherServer(Server):
    """One of them, on a port that was free a moment ago or whose socket it is given."""

    def __init__(
        self, database: Database, folder: Path, command: Callable[[int, int], list[str]]
    ) -> None:
        self.command = command
        super().__init__(database, folder)

    def start(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port, descriptor = listener.getsockname()[1], listener.fileno()
            command = self.command(port, descriptor)
            if "--fd" not in command:
                listener.close()
            self.process = launch(
                [sys.executable, *command],
                folder=self.folder,
                descriptors=(descriptor,) if "--fd" in command else (),
                **self.environment,
            )
        self.address = f"127.0.0.1:{port}"
        self.wait_until_it_listens(port)

    def wait_until_it_listens(self, port: int) -> None:
        """runserver says that it starts before it listens, and nothing afterwards."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=SECONDS).close()
            except ConnectionRefusedError:
                time.sleep(0.05)
            else:
                return
        pytest.fail(f"the server does not listen: {self.log}")


@pytest.fixture(scope="module", params=[runserver, daphne, uvicorn])
def other(
    request: pytest.FixtureRequest, migrated: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("other")
    server = OtherServer(migrated.copy(folder), folder, request.param)
    yield server
    server.close()
    server.database.drop()


def test_it_serves_devicehives_client_pushes_http_and_refuses_other_paths(other: Server) -> None:
    shown = session(
        other,
        """
        device = api.put_device("lamp-1", name="Lamp", data={"on": True})
        def notified(notification):
            show(notification.notification, notification.parameters)
            api.disconnect()
        device.subscribe_notifications(["on"])
        device.send_notification("on", parameters={"by": "hand"})
        """,
    )
    assert shown == [["on", {"by": "hand"}]]
    with closing(HTTPConnection(other.address, timeout=SECONDS)) as connection:
        connection.request("GET", "/admin/login/")
        assert connection.getresponse().status == 200
    assert other.get("/api/rest/info")[1]["apiVersion"] == "4.1.0"
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{other.address}/elsewhere")
    assert refused.value.response.status_code in {403, 404}
    assert other.connect("bob").ask("device/get", deviceId="lamp-1")["device"]["name"] == "Lamp"
    assert other.log.count("Traceback") == 0, other.log


def test_answers_and_pushes_keep_their_order(other: Server) -> None:
    client = other.connect("bob")
    client.ask("device/save", deviceId="lamp-1", device={"name": "Lamp"})
    client.ask("notification/subscribe", deviceId="lamp-1")
    for number in range(100):
        insert = {"action": "notification/insert", "deviceId": "lamp-1"}
        client.connection.send(
            json.dumps(insert | {"notification": {"notification": f"n{number}"}})
        )
    pushed: list[str] = []
    while len(pushed) < 100:
        frame = client.read()
        if "status" not in frame:
            pushed.append(frame["notification"]["notification"])
    assert pushed == [f"n{number}" for number in range(100)]
