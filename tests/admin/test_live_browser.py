"""A device's page in a real browser, with a device at the other end of a WebSocket."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import needs_chromium
from tests.factories import PASSWORD
from tests.server import Server, Socket, StartServer

pytestmark = needs_chromium


def opened(page: Page, server: Server, device_id: str) -> Socket:
    """A new device, which listens for commands, and its page, which is live."""
    device = server.connect("bob")
    device.ask("device/save", deviceId=device_id, device={"name": "Lamp"})
    device.ask("command/subscribe", deviceId=device_id)
    page.goto(
        f"http://{server.address}/admin/login/?next=/admin/devices/device/{device_id}/change/"
    )
    page.fill("#id_username", "alice")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    expect(page.locator("#live .state")).to_have_text("This page is live")
    return device


def rows(page: Page, kind: str) -> list[list[str]]:
    """The texts of a table, without the timestamps."""
    found = page.locator(f"#live table.{kind} tbody tr").all()
    return [row.locator("td").all_inner_texts()[1:] for row in found]


def test_a_command_is_sent_and_its_result_appears(page: Page, server: Server) -> None:
    device = opened(page, server, "browsed-1")
    page.fill("#live_name", "<b>on</b>")
    page.fill("#live_parameters", '{"level": 1.50}')
    page.click("#live input[type=submit]")
    expect(page.locator("#live output")).to_contain_text("the device has not answered yet")
    command = device.read()["command"]
    assert (command["command"], command["parameters"]) == ("<b>on</b>", {"level": 1.5})
    assert rows(page, "command") == [["<b>on</b>", '{"level":1.50}', "", ""]]
    answer = {"status": "done", "result": {"big": 12345678901234567890}}
    device.ask("command/update", deviceId="browsed-1", commandId=command["id"], command=answer)
    result = '{"big":12345678901234567890}'
    expect(page.locator("#live output")).to_have_text(f"Answered: done {result}")
    assert rows(page, "command") == [["<b>on</b>", '{"level":1.50}', "done", result]]


def test_a_notification_appears_as_text(page: Page, server: Server) -> None:
    device = opened(page, server, "browsed-2")
    name = "<img src=x onerror=document.title='hacked'>"
    told = {"notification": name, "parameters": {"t": 20}}
    device.ask("notification/insert", deviceId="browsed-2", notification=told)
    expect(page.locator("#live table.notification tbody tr")).to_have_count(2)
    assert rows(page, "notification")[0] == [name, '{"t":20}']
    assert page.locator("#live img").count() == 0


@pytest.mark.parametrize(
    ("parameters", "why"), [("[1]", "'parameters' must be JSON Object!"), ("{", "JSON")]
)
def test_why_a_command_is_not_sent(page: Page, server: Server, parameters: str, why: str) -> None:
    opened(page, server, "browsed-3")
    page.fill("#live_name", "on")
    page.fill("#live_parameters", parameters)
    page.click("#live input[type=submit]")
    expect(page.locator("#live output")).to_contain_text("Not sent: ")
    expect(page.locator("#live output")).to_contain_text(why)
    assert rows(page, "command") == []


def test_a_lost_connection_is_shown_and_made_again(page: Page, start_server: StartServer) -> None:
    server = start_server()
    opened(page, server, "lamp")
    server.terminate()
    expect(page.locator("#live .state")).to_contain_text("Disconnected: ")
    server.arguments = ("--port", server.address.rpartition(":")[2])
    server.start()
    expect(page.locator("#live .state")).to_have_text("This page is live")
    told = {"notification": "back"}
    server.connect("bob").ask("notification/insert", deviceId="lamp", notification=told)
    expect(page.locator("#live table.notification tbody tr")).to_have_count(2)
    assert rows(page, "notification")[0] == ["back", ""]


def test_what_a_person_saves_in_the_form_is_heard(page: Page, server: Server) -> None:
    opened(page, server, "browsed-4")
    alice = server.connect("alice")
    alice.ask("notification/subscribe")
    page.fill("#id_name", "Renamed lamp")
    page.click("input[name=_continue]")
    told = alice.read()["notification"]
    assert (told["notification"], told["parameters"]["name"]) == ("$device-update", "Renamed lamp")


def test_a_save_appears_as_it_happens(page: Page, server: Server) -> None:
    device = opened(page, server, "browsed-5")
    body = {"name": "Sun", "data": {"t": 1.5}, "isBlocked": True}
    device.ask("device/save", deviceId="browsed-5", device=body)
    expect(page.locator("#live .saved .name")).to_have_text("Sun")
    expect(page.locator("#live .saved .blocked")).to_be_visible()
    assert page.locator("#live .saved pre").inner_text() == '{\n  "t": 1.5\n}'
    expect(page.locator("#live .saved .when")).to_contain_text("just now")
    expect(page.locator("#stale")).to_be_visible()
    assert rows(page, "notification")[0][0] == "$device-update"


def test_the_page_of_a_device_that_is_moved_goes_on(page: Page, server: Server) -> None:
    opened(page, server, "browsed-6")
    alice = server.connect("alice")
    alice.ask("device/save", deviceId="browsed-6", device={"name": "Moved", "networkId": 1})
    expect(page.locator("#live .saved .name")).to_have_text("Moved")
    expect(page.locator("#live .state")).to_have_text("This page is live")
    told = {"notification": "here"}
    alice.ask("notification/insert", deviceId="browsed-6", notification=told)
    expect(page.locator("#live table.notification tr", has_text="here")).to_be_visible()


def test_the_dot_means_the_device_and_not_the_page(page: Page, start_server: StartServer) -> None:
    """The page looks every two seconds, and the server as often as it is told to."""
    server = start_server(PRESENCE_SECONDS="1")
    device = opened(page, server, "lamp")
    there = page.locator("#live .device")
    expect(there.locator(".presence")).to_have_text("connected")
    expect(there).to_contain_text("from 127.0.0.1")
    device.connection.close()
    expect(there.locator(".presence")).to_have_text("not connected")
    expect(page.locator("#live .state")).to_have_text("This page is live")
