"""The page of REST in a real browser: Swagger UI of this server's document, from this server."""

import pytest
from django.test import Client
from playwright.sync_api import Page, ViewportSize, expect

from devicehive.documents.endpoints import endpoints
from tests.browser import needs_chromium
from tests.server import Server

NARROW: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture
def asked(page: Page) -> list[str]:
    """The addresses that the page asks for."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    return found


@pytest.fixture
def said(page: Page) -> list[str]:
    """What the browser complains of, such as what the policy of the page forbids."""
    found: list[str] = []
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    return found


@pytest.fixture
def rest(page: Page, asked: list[str], said: list[str], server: Server) -> Page:
    page.goto(f"http://{server.address}/docs/rest/")
    page.locator(".opblock-tag").first.wait_for()
    return page


def test_the_page_says_what_it_may_load() -> None:
    policy = Client().get("/docs/rest/")["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; ")


@needs_chromium
def test_it_shows_every_operation(rest: Page) -> None:
    for section in rest.locator(".opblock-tag").all():
        section.click()
    expect(rest.locator(".opblock")).to_have_count(len(endpoints()))


@needs_chromium
def test_it_needs_nothing_from_elsewhere(
    rest: Page, asked: list[str], said: list[str], server: Server
) -> None:
    rest.locator(".opblock-tag").first.click()
    rest.locator(".opblock").first.click()
    rest.locator(".opblock .parameters").first.wait_for()
    own = (f"http://{server.address}/", "data:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert said == []


@needs_chromium
def test_a_request_can_be_tried(rest: Page, server: Server) -> None:
    rest.goto(f"http://{server.address}/docs/rest/#/Server/info")
    rest.reload()
    rest.get_by_role("button", name="Try it out").click()
    rest.get_by_role("button", name="Execute").click()
    expect(rest.locator(".live-responses-table .response .response-col_status")).to_contain_text(
        "200"
    )
    expect(rest.locator(".live-responses-table")).to_contain_text("webSocketServerUrl")


@needs_chromium
def test_both_pages_lead_to_each_other(rest: Page) -> None:
    rest.get_by_role("link", name="The WebSocket protocol").click()
    rest.get_by_role("link", name="REST", exact=True).click()
    expect(rest).to_have_title("DeviceHive: REST")


@needs_chromium
def test_an_operation_is_not_wider_than_the_screen(rest: Page) -> None:
    rest.locator(".opblock-tag").first.click()
    rest.locator(".opblock").first.click()
    rest.locator(".opblock .parameters").first.wait_for()
    for size in NARROW, WIDE:
        rest.set_viewport_size(size)
        assert rest.evaluate("document.documentElement.scrollWidth") == size["width"]
