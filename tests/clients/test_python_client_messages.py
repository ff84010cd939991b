"""Commands, notifications and subscriptions with DeviceHive's own Python client, unmodified."""

from typing import Any

from tests.clients.test_python_client import run, session
from tests.server import Server


def as_alice(server: Server, statements: str) -> list[Any]:
    return session(server, statements, access_token=server.database.access["alice"])


def test_a_command_is_sent_listed_and_updated(server: Server) -> None:
    shown = session(
        server,
        """
        device = api.put_device("python-commanded")
        sent = device.send_command("dim", parameters={"to": 5}, lifetime=60)
        show(sent.id, sent.timestamp, sent.last_updated(), sent.user_id)
        sent.status = "done"
        sent.result = {"took": 3}
        sent.save()
        (command,) = device.list_commands()
        show(command.id, command.timestamp, command.command, command.parameters)
        show(command.lifetime, command.status, command.result)
        """,
    )
    (number, sent_at, updated_at, user_id), stored, rest = shown
    assert updated_at == sent_at
    assert isinstance(user_id, int)
    assert stored == [number, sent_at, "dim", {"to": 5}]
    assert rest == [60, "done", {"took": 3}]


def test_commands_are_listed_with_their_filters(server: Server) -> None:
    shown = session(
        server,
        """
        device = api.put_device("python-listed")
        for number in range(3):
            device.send_command(f"c{number}", status=f"s{number}")
        def names(**filters):
            return [command.command for command in device.list_commands(**filters)]
        show(names(command="c1"), names(status="s1"))
        show(names(sort_field="command", sort_order="ASC"), names(sort_field="command", take=1))
        show(names(sort_field="timestamp", sort_order="ASC", take=1, skip=1))
        """,
    )
    assert shown == [[["c1"], ["c1"]], [["c0", "c1", "c2"], ["c2"]], [["c1"]]]


def test_the_time_of_the_server_includes_what_is_sent_after(server: Server) -> None:
    shown = session(
        server,
        """
        device = api.put_device("python-timed")
        moment = api.get_info()["server_timestamp"]
        device.send_command("dim")
        device.send_notification("on")
        show(len(device.list_commands(start=moment)), len(device.list_notifications(start=moment)))
        def told(**bounds):
            return [each for each in device.list_notifications(**bounds)
                    if not each.notification.startswith("$")]
        show(len(told(start=moment)))
        """,
    )
    assert shown == [[1, 1], [1]]


def test_a_notification_is_sent_and_listed(server: Server) -> None:
    shown = session(
        server,
        """
        device = api.put_device("python-told")
        sent = device.send_notification("on", parameters={"volume": 11})
        added, listed = device.list_notifications()
        show(added.notification, added.parameters["id"])
        show(listed.id == sent.id, listed.timestamp == sent.timestamp)
        show(listed.device_id, listed.notification, listed.parameters)
        """,
    )
    assert shown == [
        ["$device-add", "python-told"],
        [True, True],
        ["python-told", "on", {"volume": 11}],
    ]


def test_commands_are_pushed_live(server: Server) -> None:
    shown = session(
        server,
        """
        device = api.put_device("python-heard")
        device.subscribe_insert_commands(names=["dim"])
        device.subscribe_update_commands()
        def command_inserted(command):
            show("insert", command.command, command.status)
        def command_updated(command):
            show("update", command.command, command.status)
            api.disconnect()
        command = device.send_command("other")
        command = device.send_command("dim")
        command.status = "done"
        command.save()
        """,
    )
    assert shown == [["insert", "dim", None], ["update", "dim", "done"]]


def test_notifications_of_a_network_are_replayed(server: Server) -> None:
    shown = session(
        server,
        """
        moment = api.get_info()["server_timestamp"]
        device = api.put_device("python-replayed")
        sent = [device.send_notification(f"n{number}").id for number in range(3)]
        api.get_network(device.network_id).subscribe_notifications(["n0", "n1", "n2"], moment)
        heard = []
        def notified(notification):
            heard.append(notification.id)
            if len(heard) == 3:
                show(heard == sent)
                api.disconnect()
        """,
    )
    assert shown == [[True]]


def test_what_an_administrator_hears_of_a_type(server: Server) -> None:
    shown = as_alice(
        server,
        """
        moment = api.get_info()["server_timestamp"]
        device = api.put_device("python-typed", device_type_id=2)
        device.send_notification("replayed")
        api.get_device_type(2).subscribe_notifications(timestamp=moment)
        device.send_notification("live")
        def notified(notification):
            show(notification.notification)
            if notification.notification == "live":
                api.disconnect()
        """,
    )
    assert shown == [["replayed"], ["live"]]


def test_a_subscription_that_is_removed_is_silent(server: Server) -> None:
    shown = session(
        server,
        """
        device = api.put_device("python-silent")
        first = device.subscribe_notifications(names=["on"])
        device.subscribe_notifications(names=["off"])
        first.remove()
        device.send_notification("on")
        device.send_notification("off")
        def notified(notification):
            show(notification.notification)
            api.disconnect()
        """,
    )
    assert shown == [["off"]]


def test_a_stranger_may_not_subscribe(server: Server) -> None:
    session(server, "api.put_device('python-bobs-own')")
    ended = run(
        server,
        "api.get_device_type(1).subscribe_notifications()",
        access_token=server.database.access["charlie"],
    )
    assert "No access to any device type or network" in ended.stderr
