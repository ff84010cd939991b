"""A client that loses rights loses them in every process (R-44, R-45)."""

from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.conftest import refused
from tests.faults.conftest import started
from tests.server import SECONDS, Server, Socket, StartServer, run_manage

LAMP = {"name": "Lamp"}


def run(server: Server, *arguments: str) -> None:
    status, _, error = run_manage(*arguments, folder=server.folder, **server.environment)
    assert status == 0, error


def until_refused(socket: Socket) -> dict[str, Any]:
    """The refusal of a request that succeeds until rights are lost."""
    for _ in range(100_000):
        answer = socket.ask("device/list", take=1)
        if answer["status"] == "error":
            return answer
    pytest.fail("the power never ended")


def status_of(server: Server, token: str) -> int:
    client = HTTPConnection(server.address, timeout=SECONDS)
    client.request("GET", "/api/rest/device", headers={"Authorization": f"Bearer {token}"})
    status = client.getresponse().status
    client.close()
    return status


def close_code(socket: Socket) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        socket.read()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


DELETE_BOB = (
    "from devices.models import User; from devices.services import standing, users; "
    "users.delete(standing.unlimited(User.objects.get(login='alice')), "
    "User.objects.get(login='bob').pk)"
)


def start(start_server: StartServer, **environment: str) -> Server:
    """With a device in bob's network."""
    server = start_server(**environment)
    saved = server.connect("bob").ask("device/save", deviceId="lamp", device=LAMP)
    assert saved["status"] == "success", saved
    return server


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("command", "error"),
    [
        (("revoketokens", "bob"), "Token expired"),
        (("revoketokens", "--token", "{bob}"), "Token expired"),
        (("shell", "--no-imports", "--command", DELETE_BOB), "Unauthorized"),
    ],
    ids=["all tokens", "this token", "a deleted user"],
)
def test_what_a_command_line_ends_has_ended_on_both_processes(
    start_server: StartServer, tmp_path: Path, command: tuple[str, ...], error: str
) -> None:
    """Requests are refused, nothing is heard; others go on."""
    first = start(start_server)
    token = first.database.access["bob"]
    with started(first, tmp_path) as servers:
        listeners = [server.connect("bob") for server in servers]
        for listener in listeners:
            listener.ask("notification/subscribe", deviceId="lamp")
        alice, charlie = servers[0].connect("alice"), servers[1].connect("charlie")
        assert [status_of(server, token) for server in servers] == [200, 200]
        run(first, *(argument.replace("{bob}", token) for argument in command))
        for listener in listeners:
            assert until_refused(listener) == refused("device/list", 401, error)
        assert [status_of(server, token) for server in servers] == [401, 401]
        told = alice.ask("notification/insert", deviceId="lamp", notification={"notification": "x"})
        assert told["status"] == "success"
        for listener in listeners:
            assert listener.ask("device/list") == refused("device/list", 401, error)
        assert charlie.ask("device/list")["status"] == "success"


@pytest.mark.postgresql
def test_who_has_lost_its_power_is_closed(start_server: StartServer, tmp_path: Path) -> None:
    # Long enough for a busy machine to authenticate in; the closing takes as long once more.
    first = start(start_server, AUTHENTICATE_SECONDS="4")
    with started(first, tmp_path) as servers:
        sockets = [server.connect("bob") for server in servers]
        run(first, "revoketokens", "bob")
        assert [close_code(socket) for socket in sockets] == [4401, 4401]


@pytest.mark.postgresql
def test_who_authenticates_anew_goes_on_and_hears_again(
    start_server: StartServer, tmp_path: Path
) -> None:
    """The connection is to another process than the one that changed the password."""
    with started(start(start_server), tmp_path) as (first, second):
        alice, bob = first.connect("alice"), second.connect("bob")
        subscribed = bob.ask("notification/subscribe", deviceId="lamp")
        made = alice.ask("user/list", login="bob")["users"][0]
        changed = {"login": "bob", "role": 1, "status": 0, "password": "another phrase"}
        answer = alice.ask("user/update", userId=made["id"], user=changed)
        assert answer["status"] == "success", answer
        assert until_refused(bob) == refused("device/list", 401, "Token expired")
        fresh = bob.ask("token", login="bob", password="another phrase")
        assert bob.ask("authenticate", token=fresh["accessToken"])["status"] == "success"
        alice.ask("notification/insert", deviceId="lamp", notification={"notification": "x"})
        push = bob.read()
        assert push["subscriptionId"] == subscribed["subscriptionId"]
        assert push["notification"]["deviceId"] == "lamp"
