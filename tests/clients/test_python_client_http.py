"""DeviceHive's own Python client, unmodified, over HTTP; its subscriptions are polls."""

from typing import Any

import pytest

from tests.clients.test_python_client import run, session
from tests.factories import PASSWORD
from tests.server import Server


def http_url(server: Server, mount: str = "api") -> str:
    return f"http://{server.address}/{mount}/rest"


def over_http(server: Server, statements: str, login: str = "bob") -> list[Any]:
    token = server.database.access[login]
    return session(server, statements, http_url(server), access_token=token)


@pytest.mark.parametrize("mount", ["api", "auth", "dh"])
def test_log_in_with_a_password(server: Server, mount: str) -> None:
    url = http_url(server, mount)
    shown = session(server, "show(api.connected)", url, login="bob", password=PASSWORD)
    assert shown == [[True]]


def test_a_wrong_password_is_refused(server: Server) -> None:
    ended = run(server, "", http_url(server), login="bob", password="wrong phrase")
    assert "Invalid credentials" in ended.stderr


def test_log_in_with_a_refresh_token(server: Server) -> None:
    refresh = server.database.refresh["bob"]
    statements = "show(api.refresh_token() == api.token.access_token)"
    assert session(server, statements, http_url(server), refresh_token=refresh) == [[True]]


def test_the_info_names_the_websocket(server: Server) -> None:
    ((info,),) = over_http(server, "show(api.get_info())")
    assert info["websocket_server_url"] == server.url
    assert info["rest_server_url"] is None


def test_a_device_is_put_saved_listed_and_removed(server: Server) -> None:
    shown = over_http(
        server,
        """
        from devicehive import ApiResponseError
        api.put_device("http-lamp", name="Lamp", data={"on": True})
        device = api.get_device("http-lamp")
        show(device.name, device.data, device.is_blocked)
        device.name, device.data, device.is_blocked = "Lamp over HTTP", None, True
        device.save()
        (device,) = api.list_devices(name="Lamp over HTTP")
        show(device.id, device.data, device.is_blocked)
        device.remove()
        try:
            api.get_device("http-lamp")
        except ApiResponseError as error:
            show(error.code, error.error)
        """,
    )
    assert shown == [
        ["Lamp", {"on": True}, False],
        ["http-lamp", None, True],
        [403, "Access is denied"],
    ]


def test_a_command_is_sent_listed_and_updated(server: Server) -> None:
    shown = over_http(
        server,
        """
        device = api.put_device("http-commanded")
        sent = device.send_command("dim", parameters={"to": 5}, lifetime=60)
        sent.status, sent.result = "done", {"took": 3}
        sent.save()
        (command,) = device.list_commands()
        show(command.id == sent.id, command.parameters, command.status, command.result)
        show(len(device.list_commands(start=command.timestamp, end=command.timestamp)))
        sent = device.send_notification("on", parameters={"volume": 11})
        show([each.notification for each in device.list_notifications(sort_order="ASC")])
        """,
    )
    assert shown == [[True, {"to": 5}, "done", {"took": 3}], [0], [["$device-add", "on"]]]


def test_commands_are_told_live(server: Server) -> None:
    shown = over_http(
        server,
        """
        device = api.put_device("http-heard")
        device.subscribe_insert_commands(names=["dim"])
        device.subscribe_update_commands()
        def command_inserted(command):
            show("insert", command.command, command.status)
            command.status = "done"
            command.save()
        def command_updated(command):
            show("update", command.command, command.status)
            api.disconnect()
        device.send_command("other")
        device.send_command("dim")
        """,
    )
    assert shown == [["insert", "dim", None], ["update", "dim", "done"]]


def test_notifications_of_a_network_are_told_each_once(server: Server) -> None:
    shown = over_http(
        server,
        """
        device = api.put_device("http-told")
        api.get_network(device.network_id).subscribe_notifications(["n0", "n1", "n2"])
        sent = [device.send_notification(f"n{number}").id for number in range(3)]
        heard = []
        def notified(notification):
            heard.append(notification.id)
            if len(heard) == 3:
                show(sorted(heard) == sorted(sent))
                api.disconnect()
        """,
    )
    assert shown == [[True]]


def test_an_administrator_manages_networks_types_and_users(server: Server) -> None:
    shown = over_http(
        server,
        """
        network = api.create_network("http network", "first")
        network.description = "second"
        network.save()
        show(api.get_network(network.id).description)
        kind = api.create_device_type("http type", "first")
        user = api.create_user("http-user", "secret phrase", 1, {"a": 1}, True)
        user.assign_network(network.id)
        (found,) = api.list_users(login="http-user")
        show([each.name for each in user.list_networks()], found.login)
        for each in user, kind, network:
            each.remove()
        show(len(api.list_networks(name="http network")), len(api.list_users(login="http-user")))
        """,
        "alice",
    )
    assert shown == [["second"], [["http network"], "http-user"], [0, 0]]
