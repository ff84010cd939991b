"""The module that docs/front-end-developer.md shows works in a browser."""

import re
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser import needs_chromium
from tests.factories import PASSWORD
from tests.server import Server

DOCUMENT = Path(settings.BASE_DIR, "docs", "front-end-developer.md")
PAGE = DOCUMENT.read_text()


def module(server: Server) -> str:
    """All that is shown, with the address of the server and bob's password."""
    text = "\n".join(re.findall(r"^```js\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
    return text.replace("127.0.0.1:8000", server.address).replace("PASSWORD", PASSWORD)


@needs_chromium
def test_the_list_stays_up_to_date_and_a_click_switches_the_lamp_on(
    server: Server, page: Page
) -> None:
    lamp = server.connect("bob")
    lamp.ask("device/save", deviceId="front-lamp", device={"name": "Lamp"})
    page.goto(f"http://{server.address}/livez".replace("127.0.0.1", "localhost"))  # Another origin.
    page.add_script_tag(content=module(server), type="module")
    row = page.locator("p", has_text="front-lamp")
    expect(row).to_have_text("front-lamp: Lamp, connected, not asked")
    told = {"notification": "renamed", "parameters": {"name": "Lantern"}}
    lamp.ask("notification/insert", deviceId="front-lamp", notification=told)
    expect(row).to_have_text("front-lamp: Lantern, connected, not asked")
    lamp.ask("command/subscribe", deviceId="front-lamp")
    row.click()
    command = lamp.read()["command"]
    assert command["command"] == "on"
    done = {"status": "done"}
    lamp.ask("command/update", deviceId="front-lamp", commandId=command["id"], command=done)
    expect(row).to_have_text("front-lamp: Lantern, connected, done")
