"""docker/: every path, command and setting that it names exists, and nginx lets devices through.

No Docker engine is needed, so that a renamed command fails here and not on the day of a rollout.
"""

import json
import re
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from websockets.sync.client import unix_connect

from devicehive.env import KNOBS
from devicehive.serving import http_channel
from devicehive.serving.arrivals import BURST_SECONDS
from tests.nginx import get, nginx
from tests.server import SECONDS, SOCKET_OPTIONS, Server, StartServer

DOCKER = Path(settings.BASE_DIR) / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
COMPOSE_TEXT = (DOCKER / "compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
OURS = ("server", "prepare")


def test_image_copies_what_exists() -> None:
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    copied = " ".join(lines).split()
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text()
    assert sorted(copied) == sorted(re.findall(r"^!(.+)$", ignored, re.MULTILINE))
    assert [name for name in copied if not (settings.BASE_DIR / name).exists()] == []


def test_commands_exist() -> None:
    named = re.findall(r"""manage\.py[", ]+([a-z]+)""", DOCKERFILE + COMPOSE_TEXT)
    assert set(named) == {"createadmin", "migrate", "serve"}
    assert set(named) <= get_commands().keys()


def test_image_sets_what_is_a_setting() -> None:
    (block,) = re.findall(r"^ENV ((?:.+\\\n)*.+)$", DOCKERFILE, re.MULTILINE)
    names = {name for name in re.findall(r"(\w+)=", block) if not name.startswith("P")}
    assert names == {"HOST", "STATE_DIR"}
    assert names <= KNOBS.keys()


@pytest.mark.parametrize("service", OURS)
def test_services_set_what_is_a_setting(service: str) -> None:
    environment = COMPOSE["services"][service]["environment"]
    assert environment.keys() - KNOBS.keys() == set()


def test_no_secret_has_a_default() -> None:
    asked = re.findall(r"\$\{(\w+)(:.)", COMPOSE_TEXT)
    secret = {name: sign for name, sign in asked if re.search("SECRET|PASSWORD", name)}
    assert secret == dict.fromkeys(secret, ":?")
    assert len(secret) == 4


def test_services_mount_and_build_what_exists() -> None:
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (DOCKER / source).is_file()
        if build := service.get("build"):
            assert (DOCKER / build["context"] / build["dockerfile"]).is_file()


def test_services_wait_for_services_that_can_become_so() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        for name, wait in service.get("depends_on", {}).items():
            healthy = "healthcheck" in services[name] or "HEALTHCHECK" in DOCKERFILE
            assert healthy or wait["condition"] != "service_healthy"


NGINX = (DOCKER / "nginx.conf").read_text()


def test_nginx_starts_again_with_a_new_server() -> None:
    """It looks up once which address that has."""
    assert "server server:8000;" in (DOCKER / "nginx.conf").read_text()
    assert COMPOSE["services"]["nginx"]["depends_on"]["server"]["restart"] is True


def test_nginx_allows_what_the_server_allows() -> None:
    limits = dict(re.findall(r"^ +(client_\w+|keepalive_timeout) (\w+);", NGINX, re.MULTILINE))
    assert limits == {
        "client_header_timeout": f"{http_channel.HEAD_SECONDS}s",
        "client_body_timeout": f"{http_channel.BODY_SECONDS}s",
        "keepalive_timeout": f"{http_channel.IDLE_SECONDS}s",
        "client_max_body_size": f"{int(KNOBS['MAX_MESSAGE_BYTES'].default) >> 20}m",
    }
    head_kb = http_channel.DeviceChannel.totalHeadersSize >> 10
    assert f"large_client_header_buffers 4 {head_kb}k;" in NGINX
    a_second = int(KNOBS["CONNECTIONS_PER_SECOND"].default)
    assert f"rate={a_second}r/s;" in NGINX
    assert f"burst={a_second * BURST_SECONDS} nodelay;" in NGINX


def test_no_service_can_do_more_than_it_needs() -> None:
    for service in COMPOSE["services"].values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    for name in OURS:
        assert COMPOSE["services"][name]["read_only"]
        assert "cap_add" not in COMPOSE["services"][name]


def rest_url(path: str, uri: str, **options: Any) -> str:
    """Where the service is, as a device is told that connects through nginx."""
    with unix_connect(path, uri, **SOCKET_OPTIONS, **options) as socket:
        socket.send('{"action": "server/info"}')
        url: str = json.loads(socket.recv(timeout=SECONDS))["info"]["restServerUrl"]
    return url


@pytest.fixture(scope="module")
def proxied(keep_server: StartServer) -> Server:
    return keep_server(TRUST_PROXY="on")


def test_devices_connect_through_nginx(proxied: Server, tmp_path: Path) -> None:
    with nginx(proxied, tmp_path) as path:
        url = rest_url(path, "ws://devices.example.org/api/websocket")
    assert url == "http://devices.example.org/api/rest"


def test_devices_connect_over_tls(proxied: Server, tmp_path: Path) -> None:
    certificate = [f"{tmp_path}/{name}.pem" for name in ("key", "certificate")]
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=devices"),
            *("-addext", "subjectAltName=DNS:devices.example.org"),
            *("-keyout", certificate[0], "-out", certificate[1]),
        ],
        check=True,
        capture_output=True,
    )
    listen = f"ssl; ssl_certificate_key {certificate[0]}; ssl_certificate {certificate[1]}"
    trust = ssl.create_default_context(cafile=certificate[1])
    with nginx(proxied, tmp_path, listen=listen) as path:
        url = rest_url(path, "wss://devices.example.org/api/websocket", ssl=trust)
    assert url == "https://devices.example.org/api/rest"


SHOW_ADDRESS = "; set_real_ip_from unix:; real_ip_header X-From; add_header X-Address $address"
CUSTOMERS = (
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::7", "2001:db8:1:2:ffff::"),
    ("2001:db8:1:3::7",),
    ("2001:db8:1::", "2001:db8:1::7", "2001:db8:1:0:7:7:7:7"),
    ("2001:db8::7", "2001:db8:0:0:7::"),
    ("2001:db8:0:7::7",),
    ("::1",),
    ("::ffff:192.0.2.1",),
    ("::ffff:192.0.2.2",),
    ("192.0.2.1",),
    ("192.0.2.2",),
)
"""Whose limits are one another's, and nobody else's."""


def test_nginx_counts_addresses_as_the_server_does(server: Server, tmp_path: Path) -> None:
    with nginx(server, tmp_path, listen=SHOW_ADDRESS) as path:
        counted = [
            {get(path, "/livez", {"X-From": each}).headers["X-Address"] for each in addresses}
            for addresses in CUSTOMERS
        ]
    assert [len(each) for each in counted] == [1] * len(CUSTOMERS)
    assert len(set().union(*counted)) == len(CUSTOMERS)


LINK = re.compile(r'(?:href|src|action)="(/[^"]*)"')


@pytest.fixture(scope="module")
def below_a_path(keep_server: StartServer) -> Server:
    return keep_server(TRUST_PROXY="on", PATH_PREFIX="iot/")


@pytest.mark.parametrize("to", ["http://devicehive", "http://devicehive/"], ids=["kept", "taken"])
def test_it_is_served_below_a_path(below_a_path: Server, tmp_path: Path, to: str) -> None:
    """Whether nginx keeps the path or takes it away."""
    with nginx(below_a_path, tmp_path, location="/iot/", to=to) as path:
        url = rest_url(path, "ws://devices.example.org/iot/api/websocket")
        assert url == "http://devices.example.org/iot/api/rest"
        for target in "/iot/", "/iot/admin":
            assert get(path, target).headers["Location"] == "/iot/admin/"
        cookie = get(path, "/iot/admin/login/").headers["Set-Cookie"]
        assert "path=/iot/" in cookie.lower()
        assert get(path, "/iot/readyz").status == 200
        info = json.loads(get(path, "/iot/api/rest/info").text)
        assert info["webSocketServerUrl"] == "ws://devices.example.org/iot/api/websocket"
        document = json.loads(get(path, "/iot/openapi.json").text)
        assert document["servers"][0] == {"url": "/iot/api/rest"}
        document = json.loads(get(path, "/iot/asyncapi.json").text)
        assert document["servers"]["this"]["pathname"] == "/iot"
        for target in "/iot/admin/login/", "/iot/docs/", "/iot/docs/rest/":
            links = set(LINK.findall(get(path, target).text))
            assert {link[:5] for link in links} == {"/iot/"}
            # Some pages are for who has logged in.
            assert {get(path, link).status for link in links} <= {200, 302}
    # And by who asks the server itself.
    assert below_a_path.get("/readyz")[0] == 200
