"""Each page at the width of a desk and of a phone, light and dark: nothing sticks out.

`make pictures` keeps the picture of the README.
"""

import os
from itertools import product
from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect

from tests.admin.test_live_browser import opened
from tests.browser import needs_chromium
from tests.server import StartServer

pytestmark = needs_chromium

PATHS = {
    "index": "/admin/",
    "activity": "/admin/activity/",
    "devices": "/admin/devices/device/",
    "device": "/admin/devices/device/lamp-1/change/",
    "import": "/admin/devices/device/import/",
    "refused": "/admin/devices/device/import/",
    "networks": "/admin/devices/network/",
    "types": "/admin/devices/devicetype/",
    "users": "/admin/devices/user/",
    "token": "/admin/devices/user/2/token/",
    "tokens": "/admin/devices/issuedtoken/",
    "password": "/admin/devices/user/2/password/",
    "configuration": "/admin/devices/configuration/",
    "documents": "/docs/",
    "rest": "/docs/rest/",
    "error": "/admin/nothing/",
}
REFUSED: FilePayload = {
    "name": "devices.csv",
    "mimeType": "text/csv",
    "buffer": f"id,name\n{'x' * 99},A\n".encode(),
}
STICKS_OUT = """
(selector) => {
    const part = document.querySelector(selector);
    return part ? part.scrollWidth - part.clientWidth : 0;
}
"""
KEEPS = "KEEP_PICTURES" in os.environ
WIDTHS = {1280: 900, 390: 844}
KEPT = {"device": "admin-live.png"}


def test_pages_fit_and_are_pictured(page: Page, start_server: StartServer) -> None:
    server = start_server(PRESENCE_SECONDS="1")
    device = opened(page, server, "lamp-1")
    device.ask("device/save", deviceId="lamp-1", device={"name": "Lamp", "data": {"on": True}})
    alice = server.connect("alice")
    sent = {"command": "on", "parameters": {"level": 40}}
    command = alice.ask("command/insert", deviceId="lamp-1", command=sent)["command"]
    answer = {"status": "done", "result": {"watts": 3.5}}
    device.ask("command/update", deviceId="lamp-1", commandId=command["id"], command=answer)
    told = {"notification": "temperature", "parameters": {"celsius": 21.5}}
    device.ask("notification/insert", deviceId="lamp-1", notification=told)
    alice.ask("token/create", payload={"userId": 2, "actions": ["GetDevice", "RegisterDevice"]})
    expect(page.locator("#live .presence")).to_have_text("connected")
    for name, path in PATHS.items():
        page.goto(f"http://{server.address}{path}")
        if name == "refused":
            page.set_input_files("#id_file", files=[REFUSED])
            page.click("input[type=submit]")
            expect(page.locator("#refused tbody tr")).to_have_count(1)
        if name == "device":
            expect(page.locator("#live .state")).to_have_text("This page is live")
        for (width, height), scheme in product(WIDTHS.items(), ("light", "dark")):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
            assert page.evaluate(STICKS_OUT, "html") <= 0, (name, width)
            if width == 1280:  # On a phone, lists are moved sideways.
                assert page.evaluate(STICKS_OUT, "#changelist .results") <= 0, name
            if width == 1280 and scheme == "light" and name in KEPT and KEEPS:
                page.screenshot(path=Path("docs") / KEPT[name])
