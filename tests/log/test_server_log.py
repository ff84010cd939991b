"""The log of a server, as used to find out why a device cannot connect."""

import json
import re
import shutil
import subprocess
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.factories import PASSWORD
from tests.server import SECONDS, Server, StartServer, open_tcp

PAGE = (Path(settings.BASE_DIR) / "docs" / "operating.md").read_text()
ID = r"[0-9a-f]{8}"


def lines(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.log.splitlines()]


def told(server: Server, *names: str) -> list[dict[str, Any]]:
    """The lines with one of these messages, without what differs from run to run."""
    changing = {"time", "logger", "peer", "connection", "seconds", "process", "address", "version"}
    found = [line for line in lines(server) if line["message"] in names]
    return [{name: line[name] for name in line.keys() - changing} for line in found]


def told_of(server: Server, client: dict[str, Any]) -> list[str]:
    return [
        line["message"]
        for line in lines(server)
        if line.get("connection") == client["connection"] and line["peer"] == client["peer"]
    ]


@pytest.fixture
def talkative(start_server: StartServer) -> Server:
    return start_server(LOG_FORMAT="json")


def test_a_device_comes_and_goes(talkative: Server) -> None:
    device = talkative.connect("bob")
    device.ask("device/save", deviceId="lamp", device={"name": "Lamp"})
    device.ask("device/get", deviceId="no-lamp")
    device.connection.close()
    talkative.terminate()
    started, connected, authenticated, refused, closed, draining, stopped = lines(talkative)
    assert (started["message"], started["database"]) in [
        ("started", "sqlite"),
        ("started", "postgresql"),
    ]
    assert started["address"] == talkative.address
    assert connected["peer"].startswith("127.0.0.1:")
    assert re.fullmatch(ID, connected["connection"])
    assert told_of(talkative, connected) == [
        "connected",
        "authenticated",
        "request refused",
        "closed",
    ]
    assert [authenticated[name] for name in ("login", "actions", "devicetypes")] == [
        "bob",
        "client",
        "*",
    ]
    assert {name: refused[name] for name in ("user", "action", "request", "device", "code")} == {
        "user": authenticated["user"],
        "action": "device/get",
        "request": "1",
        "device": "no-lamp",
        "code": 403,
    }
    counted = ("user", "code", "received", "sent", "refused")
    assert [closed[name] for name in counted] == [authenticated["user"], 1000, 3, 3, 1]
    assert (draining["message"], draining["connections"]) == ("draining", 0)
    assert stopped["message"] == "stopped"


def test_who_does_not_get_in(talkative: Server) -> None:
    client = talkative.connect()
    client.ask("authenticate", token="nonsense")
    client.ask("authenticate", token=talkative.database.refresh["bob"])
    client.ask("token", login="nobody at all", password=PASSWORD)
    client.ask("token", login="bob", password="hunter2")
    talkative.terminate()
    about = {"level": "WARNING", "request": "1", "code": 401}
    assert told(talkative, "token refused", "log-in failed") == [
        about
        | {
            "message": "token refused",
            "action": "authenticate",
            "reason": "not signed by this server, or not whole",
        },
        about
        | {
            "message": "token refused",
            "action": "authenticate",
            "reason": "a token of the other type",
            "user": 2,
        },
        about
        | {
            "message": "log-in failed",
            "action": "token",
            "reason": "User with login = ... not found or bad password",
        },
        about
        | {
            "message": "log-in failed",
            "action": "token",
            "reason": "Invalid credentials",
            "user": 2,
        },
    ]
    assert "hunter2" not in talkative.log
    assert PASSWORD not in talkative.log


def test_a_handshake_that_is_refused(talkative: Server) -> None:
    with pytest.raises(InvalidStatus):
        talkative.connect(url=talkative.url.replace("/api/websocket", "/api/web?token=hunter2"))
    with open_tcp(talkative) as tcp:
        tcp.sendall(b"GET /api/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n")
        while tcp.recv(1024):
            pass
    talkative.terminate()
    about = {"message": "handshake refused", "level": "WARNING"}
    assert told(talkative, "handshake refused") == [
        about | {"path": "/api/web", "code": 404, "reason": "Not Found"},
        about | {"code": 400, "reason": "Header connection is missing or wrong"},
    ]


def test_why_a_client_was_dropped(start_server: StartServer) -> None:
    server = start_server(LOG_FORMAT="json", AUTHENTICATE_SECONDS="1")
    client = server.connect()
    with pytest.raises(ConnectionClosed):
        client.connection.recv(timeout=SECONDS)
    server.terminate()
    assert told(server, "dropped", "closed") == [
        {"message": "dropped", "level": "INFO", "why": "Authenticate in time"},
        {"message": "closed", "level": "INFO", "code": 4408, "received": 0, "sent": 0},
    ]


def test_it_is_told_that_a_client_is_locked_out_after_many_wrong_passwords(
    talkative: Server,
) -> None:
    client = talkative.connect()
    answer = {"code": 401}
    while answer["code"] == 401:
        answer = client.ask("token", login="bob", password="hunter2")
    client.connection.close()
    talkative.terminate()
    (locked,) = told(talkative, "locked out")
    assert (locked["level"], locked["code"], locked["action"]) == ("WARNING", 429, "token")
    (closed,) = told(talkative, "closed")
    assert closed["refused"] == len(told(talkative, "log-in failed", "locked out"))


def test_a_client_that_becomes_no_websocket(talkative: Server) -> None:
    with open_tcp(talkative) as silent, open_tcp(talkative) as half, open_tcp(talkative) as secured:
        half.sendall(b"GET /api/websocket HTTP/1.1\r\nHost: ")
        secured.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert silent.recv(1) == b""
        assert half.recv(12) == b"HTTP/1.1 408"
        with suppress(ConnectionResetError):
            assert secured.recv(1) == b""
    assert talkative.get("/api/websocket")[0] == 426
    talkative.terminate()
    late = {"message": "dropped", "level": "INFO", "why": "no request came in 10 s"}
    why = "it speaks TLS, and this port does not: its URL is ws://, or that of a proxy"
    assert told(talkative, "dropped") == [late | {"why": why}, late]
    assert [line["code"] for line in told(talkative, "request refused")] == [408]
    (refused,) = told(talkative, "handshake refused")
    assert (refused["level"], refused["code"], refused["path"]) == (
        "WARNING",
        426,
        "/api/websocket",
    )
    assert all(line["peer"] for line in lines(talkative) if line["message"] == "dropped")


def test_a_request_that_is_none(talkative: Server) -> None:
    with open_tcp(talkative) as tcp:
        tcp.sendall(b"\x00\x01 this is no HTTP\r\n\r\n")
        while tcp.recv(1024):
            pass
    talkative.terminate()
    (refused,) = told(talkative, "request refused")
    assert refused["code"] == 400


def test_that_a_client_was_dropped_for_a_binary_frame_is_told(talkative: Server) -> None:
    client = talkative.connect()
    client.connection.send(b"\x00")
    with pytest.raises(ConnectionClosed):
        client.connection.recv(timeout=SECONDS)
    talkative.terminate()
    assert told(talkative, "dropped", "closed") == [
        {"message": "dropped", "level": "INFO", "why": "it sent a binary frame"},
        {"message": "closed", "level": "INFO", "code": 1003, "received": 1, "sent": 0},
    ]


def test_a_request_of_rest_that_is_refused(talkative: Server) -> None:
    connection = HTTPConnection(talkative.address, timeout=SECONDS)
    bearer = {"Authorization": f"Bearer {talkative.database.access['bob']}"}
    connection.request("GET", "/api/rest/device/no-lamp?token=hunter2", headers=bearer)
    assert connection.getresponse().status == 403
    connection.close()
    talkative.terminate()
    assert told(talkative, "request refused") == [
        {
            "message": "request refused",
            "level": "INFO",
            "user": 2,
            "method": "GET",
            "path": "/device/no-lamp",
            "code": 403,
            "reason": "Access is denied",
        }
    ]
    assert "hunter2" not in talkative.log


def test_behind_a_proxy_the_peer_is_whom_the_proxy_saw(start_server: StartServer) -> None:
    server = start_server(LOG_FORMAT="json", TRUST_PROXY="on")
    headers = {"X-Forwarded-For": "203.0.113.9, 2001:db8::1"}
    server.connect(additional_headers=headers).ask("authenticate", token="nonsense")
    server.terminate()
    (refused,) = [line for line in lines(server) if line["message"] == "token refused"]
    assert refused["peer"] == "[2001:db8::1]"


def the_filter() -> str:
    found = re.search(r"```ini\n(\[Definition\]\n.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def attacked(keep_server: StartServer) -> Server:
    """A server that somebody tried passwords at, and that an old device knocked at."""
    server = keep_server(TRUST_PROXY="on")
    for address in ("203.0.113.9", "2001:db8::1"):
        stranger = server.connect(additional_headers={"X-Forwarded-For": address})
        stranger.ask("token", login='x" peer=192.0.2.1', password="hunter2")
        stranger.ask("authenticate", token="nonsense")
    device = server.connect(additional_headers={"X-Forwarded-For": "192.0.2.1"})
    device.ask("authenticate", token=server.database.refresh["bob"])
    device.ask("device/get", deviceId="lamp")
    server.terminate()
    return server


def test_the_filter_of_fail2ban_finds_strangers_and_no_device(attacked: Server) -> None:
    (pattern,) = re.findall(r"^failregex = (.+)$", the_filter(), re.MULTILINE)
    pattern = pattern.replace("<ADDR>", r"(?P<address>[0-9a-f.:]+?)")
    # fail2ban takes the time away, and looks at the rest.
    rests = [line.split(" ", 2)[2] for line in attacked.log.splitlines()]
    found = [match["address"] for rest in rests if (match := re.search(pattern, rest))]
    assert found == ["203.0.113.9"] * 2 + ["2001:db8::1"] * 2


@pytest.mark.skipif(not shutil.which("fail2ban-regex"), reason="needs fail2ban")
def test_fail2ban_itself_finds_them(attacked: Server, tmp_path: Path) -> None:
    filter_file = tmp_path / "devicehive.conf"
    filter_file.write_text(the_filter())
    ended = subprocess.run(
        ["fail2ban-regex", "--out", "ip", attacked.folder / "stderr", filter_file],
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert ended.stdout.split() == ["203.0.113.9"] * 2 + ["2001:db8::1"] * 2, ended.stderr
