"""Many log-ins at once, right or wrong, delay nobody else and lock nobody out."""

import json
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import make_password

from devicehive.hashers import Argon2Hasher
from tests.factories import PASSWORD
from tests.faults.raw_socket import frame, raw_socket
from tests.server import SECONDS, Server, Socket, StartServer, open_tcp

WRONG, WAIT = 401, 429
MOST_TRIES = 40
"""The most tries until a wait. Ten are free; a slow test may miss the first, short waits."""


def log_in(client: Socket, login: str, password: str = PASSWORD) -> int:
    """The code of the answer; 0 for success."""
    answer = client.ask("token", login=login, password=password)
    return int(answer.get("code", 0))


def ask_all(clients: list[Socket], login: str, password: str) -> list[int]:
    """All try at the same time."""
    request = {"action": "token", "requestId": 1, "login": login, "password": password}
    for client in clients:
        client.connection.send(json.dumps(request))
    return [int(client.read().get("code", 0)) for client in clients]


def test_forty_right_ones_of_one_user_all_succeed(server: Server) -> None:
    clients = [server.connect() for _ in range(40)]
    assert ask_all(clients, "charlie", PASSWORD) == [0] * 40


def test_forty_wrong_ones_of_one_user_lock_out_nobody(start_server: StartServer) -> None:
    server = start_server()
    clients = [server.connect() for _ in range(40)]
    codes = ask_all(clients, "bob", "wrong")
    assert set(codes) == {WRONG, WAIT}
    assert codes.count(WRONG) >= 10
    assert log_in(clients[0], "alice") == 0
    current = server.connect("bob").ask("user/getCurrent")
    assert current["current"]["status"] == 0


def cpu_seconds(server: Server) -> float:
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def hash_seconds() -> float:
    """CPU time of a hash here and now."""
    begun = time.process_time()
    for _ in range(5):
        make_password("wrong", hasher=Argon2Hasher())
    return (time.process_time() - begun) / 5


def test_what_was_asked_for_by_those_who_have_left_is_not_done(start_server: StartServer) -> None:
    server = start_server()
    alice = server.connect()
    assert log_in(alice, "alice", "wrong") == WRONG
    before, number = cpu_seconds(server), 120
    for each in range(number):
        members = {"login": f"nobody-{each}", "password": "wrong"}
        if each % 2:
            with raw_socket(server) as client:
                client.socket.sendall(frame(json.dumps({"action": "token", **members})))
        else:
            body = json.dumps(members).encode()
            with open_tcp(server) as client:
                head = f"POST /api/rest/token HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}"
                client.sendall(head.encode() + b"\r\n\r\n" + body)
    assert log_in(alice, "alice") == 0
    assert cpu_seconds(server) - before < number * hash_seconds() / 2


class Person:
    """Somebody behind a proxy."""

    def __init__(self, server: Server, address: str) -> None:
        self.server = server
        self.headers = {"X-Forwarded-For": f"127.0.0.1, {address}"}

    def frames(self) -> int:
        client = self.server.connect(additional_headers=self.headers)
        try:
            return log_in(client, "bob", "wrong")
        finally:
            client.connection.close()

    def rest(self) -> int:
        body = json.dumps({"login": "bob", "password": "wrong"})
        return self.post("/api/rest/token", body, "application/json")

    def page(self) -> int:
        """As the others: the page itself answers a wrong password with 200."""
        form = urlencode({"username": "bob", "password": "wrong", "csrfmiddlewaretoken": "x" * 32})
        status = self.post("/admin/login/", form, "application/x-www-form-urlencoded")
        return WRONG if status == 200 else status

    def post(self, path: str, body: str, kind: str) -> int:
        connection = HTTPConnection(self.server.address, timeout=SECONDS)
        headers = {**self.headers, "Content-Type": kind, "Cookie": f"csrftoken={'x' * 32}"}
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response.status


def tries_until_wait(ask: Callable[[], int]) -> int:
    for number in range(MOST_TRIES):
        code = ask()
        if code == WAIT:
            return number
        assert code == WRONG
    pytest.fail("there is never to be waited")


def test_behind_a_proxy_each_client_is_counted_by_all_doors(start_server: StartServer) -> None:
    server = start_server(TRUST_PROXY="on")
    person, other = Person(server, "198.51.100.7"), Person(server, "198.51.100.8")
    assert tries_until_wait(person.frames) >= 10
    assert tries_until_wait(person.rest) < 10
    assert tries_until_wait(person.page) < 10
    for ask in (other.frames, other.rest, other.page):
        assert ask() == WRONG
