"""Headers of proxies, and when the server believes them."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.server import SECONDS, Database, Server, Socket, run_manage


@pytest.fixture(scope="module")
def proxied(migrated: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on this machine with TRUST_PROXY."""
    folder = tmp_path_factory.mktemp("proxied")
    server = Server(migrated.copy(folder), folder, TRUST_PROXY="on")
    yield server
    server.close()
    server.database.drop()


def rest_url(server: Server, **headers: str) -> str:
    """Where the service is, as a WebSocket is told that came with these headers."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with server.connect(additional_headers=names).connection as connection:
        info = Socket(connection).ask("server/info")["info"]
    url: str = info["restServerUrl"]
    return url.replace(server.address, "HOST")


@pytest.mark.parametrize(
    ("told", "scheme"),
    [
        ("https", "https"),
        ("HTTPS", "https"),
        ("wss", "https"),
        ("http", "http"),
        ("https, http", "http"),
        ("http, https", "https"),
        ("gopher", "http"),
        ("", "http"),
    ],
)
def test_the_scheme_is_what_the_last_proxy_says(proxied: Server, told: str, scheme: str) -> None:
    assert rest_url(proxied, X_Forwarded_Proto=told) == f"{scheme}://HOST/api/rest"
    with closing(HTTPConnection(proxied.address, timeout=SECONDS)) as client:
        client.request("GET", "/api/rest/info", headers={"X-Forwarded-Proto": told})
        url = json.loads(client.getresponse().read())["webSocketServerUrl"]
    assert url == f"ws{scheme[4:]}://{proxied.address}/api/websocket"


def test_nobody_else_is_believed(server: Server) -> None:
    assert rest_url(server, X_Forwarded_Proto="https") == "http://HOST/api/rest"
    answer = ask(server, "https")
    assert answer.getheader("Strict-Transport-Security") is None
    assert "secure" not in cookie(answer)


def ask(server: Server, scheme: str) -> HTTPResponse:
    """The login page, through a proxy that was asked for it in this way."""
    with closing(HTTPConnection(server.address, timeout=SECONDS)) as client:
        client.request("GET", "/admin/login/", headers={"X-Forwarded-Proto": scheme})
        answer = client.getresponse()
        answer.read()
    return answer


def cookie(answer: HTTPResponse) -> list[str]:
    name, *attributes = answer.getheader("Set-Cookie", "").split("; ")
    return [name, *map(str.lower, attributes)]


def test_cookies_of_tls_stay_there(proxied: Server) -> None:
    answer = ask(proxied, "https")
    assert answer.getheader("Strict-Transport-Security") == "max-age=2592000"
    assert cookie(answer)[0].startswith("csrftoken=")
    assert "secure" in cookie(answer)


def log_in(server: Server, scheme: str) -> int:
    """Send the form of the login page, as a browser does; the status of the answer."""
    token = cookie(ask(server, scheme))[0].removeprefix("csrftoken=")
    form = {"username": "nobody", "password": "wrong", "csrfmiddlewaretoken": token}
    headers = {
        "X-Forwarded-Proto": scheme,
        "Origin": f"{scheme}://{server.address}",
        "Cookie": f"csrftoken={token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with closing(HTTPConnection(server.address, timeout=SECONDS)) as client:
        client.request("POST", "/admin/login/", urlencode(form), headers)
        return client.getresponse().status


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_form_is_taken_from_where_it_was_shown(proxied: Server, scheme: str) -> None:
    """Without CSRF_TRUSTED_ORIGINS; otherwise the answer would be 403."""
    assert log_in(proxied, scheme) == 200


def test_who_comes_without_tls_can_log_in(proxied: Server) -> None:
    answer = ask(proxied, "http")
    assert answer.getheader("Strict-Transport-Security") is None
    assert cookie(answer)[0].startswith("csrftoken=")
    assert "secure" not in cookie(answer)


def test_the_recommended_set_up_has_nothing_to_warn_of(tmp_path: Path) -> None:
    status, _, error = run_manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        folder=tmp_path,
        HOST="0.0.0.0",
        TRUST_PROXY="on",
        ALLOWED_HOSTS="devices.example.org",
    )
    assert (status, error) == (0, "")
