"""The live part of a device's page, as the server sends it; test_live_browser.py has the rest."""

from typing import Any

from django.test import Client
from django.urls import reverse

from devicehive.protocol import jwts
from devicehive.protocol.permissions import Permission
from devicehive.protocol.timestamps import timestamp_text
from devices.admin.live import LONGEST, SHOWN
from devices.models import Device, Notification, User
from tests.admin.conftest import browser
from tests.admin.test_queries import queries
from tests.conftest import Connection


def page(device: Device) -> str:
    return reverse("admin:devices_device_change", args=[device.pk])


def token(device_id: str) -> str:
    return reverse("admin:devices_device_token", args=[device_id])


def tables(client: Client, device: Device) -> dict[str, list[list[str]]]:
    """The texts of the rows but for their timestamps, by table."""
    shown = client.get(page(device)).context["live"]["tables"]
    return {table.kind: [row.texts[1:] for row in table.rows] for table in shown}


def notify(connection: Connection, device: Device, name: str, **parameters: Any) -> None:
    told = {"notification": name, "parameters": parameters}
    connection.ask("notification/insert", deviceId=device.pk, notification=told)


def test_commands_are_shown_with_their_results(
    admin: Client, device: Device, as_bob: Connection
) -> None:
    ids = {"deviceId": device.pk}
    sent = as_bob.ask("command/insert", **ids, command={"command": "on", "parameters": {"n": 1.0}})
    answer = {"status": "done", "result": {"ok": True}}
    as_bob.ask("command/update", **ids, commandId=sent["command"]["id"], command=answer)
    as_bob.ask("command/insert", **ids, command={"command": "off"})
    assert tables(admin, device) == {
        "command": [["off", "", "", ""], ["on", '{"n":1.0}', "done", '{"ok":true}']],
        "notification": [],
    }


def test_the_latest_notifications_are_shown_and_no_more(
    admin: Client, device: Device, as_bob: Connection
) -> None:
    for number in range(SHOWN + 2):
        notify(as_bob, device, f"n{number}")
    shown = tables(admin, device)["notification"]
    assert shown == [[f"n{number}", "{}"] for number in range(SHOWN + 1, 1, -1)]


def test_the_moment_of_what_is_stored_is_that_of_the_latest_save(
    admin: Client, device: Device, as_bob: Connection
) -> None:
    saved = {"name": "Sun", "data": None}
    as_bob.ask("device/save", deviceId=device.pk, device=saved)
    notify(as_bob, device, "told-later")
    latest, save = Notification.objects.order_by("-id")
    assert (latest.notification, save.notification) == ("told-later", "$device-update")
    shown = admin.get(page(device)).context["live"]
    assert shown["saved_at"] == timestamp_text(save.timestamp)


def test_what_is_long_is_cut(admin: Client, device: Device, as_bob: Connection) -> None:
    notify(as_bob, device, "n" * (LONGEST + 1))
    [[name, _]] = tables(admin, device)["notification"]
    assert name == "n" * LONGEST + "…"


def test_what_a_device_sends_is_text(admin: Client, device: Device, as_bob: Connection) -> None:
    notify(as_bob, device, "<script>", text="<b>")
    sent = admin.get(page(device)).content.decode()
    assert "<td>&lt;script&gt;</td><td>{&quot;text&quot;:&quot;&lt;b&gt;&quot;}</td>" in sent


def test_queries_do_not_grow_with_the_messages(
    admin: Client, device: Device, as_bob: Connection
) -> None:
    few = queries(admin, page(device))
    for number in range(10):
        notify(as_bob, device, f"n{number}")
    assert queries(admin, page(device)) == few


def test_a_new_device_has_nothing_to_show(admin: Client) -> None:
    assert "live" not in admin.get(reverse("admin:devices_device_add")).context


def test_the_token_is_for_what_the_page_does(
    admin: Client, anonymous: Connection, alice: User, device: Device
) -> None:
    given = admin.get(token(device.pk)).json()["token"]
    claims = jwts.verify(given).payload
    assert claims.u == alice.pk
    assert claims.n == (str(device.network_id),)
    assert claims.dt == (str(device.device_type_id),)
    assert anonymous.ask("authenticate", token=given)["status"] == "success"
    assert anonymous.caller.identity.permissions == {
        Permission.GET_DEVICE,
        Permission.GET_DEVICE_NOTIFICATION,
        Permission.GET_DEVICE_COMMAND,
        Permission.CREATE_DEVICE_COMMAND,
    }


def test_there_is_no_token_for_a_device_that_is_not_there(admin: Client) -> None:
    assert admin.get(token("nothing")).status_code == 404


def test_bob_gets_no_token(bob: User, device: Device) -> None:
    assert browser(bob).get(token(device.pk)).status_code == 302
