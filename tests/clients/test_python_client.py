"""DeviceHive's own Python client, unmodified, against a live server."""

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.factories import PASSWORD
from tests.server import SECONDS, Server

PROGRAM = str(Path(__file__).parent / "session.py")


def session(
    server: Server, statements: str, url: str | None = None, **options: str | None
) -> list[Any]:
    """What the statements show, in order; over the WebSocket, or at another `url`."""
    ended = run(server, statements, url, **options)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def run(
    server: Server, statements: str, url: str | None = None, **options: str | None
) -> subprocess.CompletedProcess[str]:
    options = options or {"access_token": server.database.access["bob"]}
    return subprocess.run(
        [sys.executable, PROGRAM, url or server.url, json.dumps(options)],
        input=dedent(statements),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_log_in_with_a_password(server: Server) -> None:
    shown = session(server, "show(api.connected)", login="bob", password=PASSWORD)
    assert shown == [[True]]


def test_a_wrong_password_is_refused(server: Server) -> None:
    ended = run(server, "", login="bob", password="wrong phrase")
    assert "Invalid credentials" in ended.stderr


def test_log_in_with_a_refresh_token(server: Server) -> None:
    statements = "show(api.refresh_token() == api.token.access_token)"
    shown = session(server, statements, refresh_token=server.database.refresh["bob"])
    assert shown == [[True]]


def test_create_a_token_and_use_it(server: Server) -> None:
    statements = """
        import base64, json
        claims = json.loads(base64.b64decode(api.token.access_token.split(".")[1] + "=="))
        api.put_device("python-shown", name="Shown")
        show(api.create_token(claims["payload"]["u"], actions=["GetDevice"]))
    """
    ((tokens,),) = session(server, statements)
    # It opens what the token opens that made it: the networks of its user.
    listing = 'show([device.id for device in api.list_devices(name="Shown")])'
    assert session(server, listing, access_token=tokens["access_token"]) == [[["python-shown"]]]


def test_get_info(server: Server) -> None:
    ((info,),) = session(server, "show(api.get_info())")
    assert info["api_version"] == "4.1.0"
    assert info["rest_server_url"] == f"http://{server.address}/api/rest"


def test_put_a_device_and_get_it(server: Server) -> None:
    shown = session(
        server,
        """
        api.put_device("python-lamp", name="Lamp", data={"on": True})
        device = api.get_device("python-lamp")
        show(device.id, device.name, device.data, device.device_type_id, device.is_blocked)
        """,
    )
    assert shown == [["python-lamp", "Lamp", {"on": True}, 1, False]]


def test_put_a_device_without_a_name_takes_its_id(server: Server) -> None:
    shown = session(server, "show(api.put_device('python-nameless').name)")
    assert shown == [["python-nameless"]]


def test_save_a_device(server: Server) -> None:
    shown = session(
        server,
        """
        device = api.put_device("python-saved", name="Lamp", data={"on": True})
        device.name = "Kitchen lamp"
        device.data = None
        device.is_blocked = True
        device.save()
        device = api.get_device("python-saved")
        show(device.name, device.data, device.is_blocked)
        """,
    )
    assert shown == [["Kitchen lamp", None, True]]


def test_remove_a_device(server: Server) -> None:
    shown = session(
        server,
        """
        from devicehive import ApiResponseError
        api.put_device("python-removed").remove()
        try:
            api.get_device("python-removed")
        except ApiResponseError as error:
            show(error.code, error.error)
        """,
    )
    assert shown == [[403, "Access is denied"]]


def test_list_devices_with_its_filters(server: Server) -> None:
    shown = session(
        server,
        """
        for number in range(3):
            device = api.put_device(f"python-list-{number}", name=f"Listed {number}")
        def ids(**filters):
            return [device.id[-1] for device in api.list_devices(**filters)]
        show(ids(name="Listed 1"))
        show(ids(name_pattern="Listed%"))
        show(ids(name_pattern="Listed%", sort_field="name", sort_order="DESC"))
        show(ids(name_pattern="Listed%", take=1, skip=1))
        show(ids(name_pattern="Listed%", network_id=device.network_id))
        show(ids(name_pattern="Listed%", network_name="bob's network"))
        show(ids(name_pattern="Listed%", network_name="elsewhere"))
        """,
    )
    every = ["0", "1", "2"]
    assert shown == [[["1"]], [every], [every[::-1]], [["1"]], [every], [every], [[]]]


def test_a_stranger_may_not_get_a_device(server: Server) -> None:
    session(server, "api.put_device('python-bobs')")
    ended = run(
        server, "api.get_device('python-bobs')", access_token=server.database.access["charlie"]
    )
    assert "Access is denied" in ended.stderr
