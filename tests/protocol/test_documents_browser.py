"""The search of /docs/ in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from devicehive.events.pushes import pushes
from devicehive.protocol.actions import registry
from tests.browser import needs_chromium, new_page
from tests.server import Server

pytestmark = needs_chromium

ALL = len(registry) + len(pushes)


@pytest.fixture(scope="module")
def loaded(browser: Browser, shared_server: Server) -> Iterator[Page]:
    """The page, for all tests: it is long, and they only search it."""
    with new_page(browser) as page:
        page.goto(f"http://{shared_server.address}/docs/")
        yield page


@pytest.fixture
def docs(loaded: Page) -> Page:
    """The page as it was loaded: with nothing searched for, at no action, and nothing focused."""
    loaded.fill("#wanted", "")
    loaded.locator("#wanted").blur()
    loaded.evaluate("history.replaceState(null, '', location.pathname)")
    return loaded


def listed(page: Page) -> list[str]:
    """The links that are left, in their order."""
    return page.locator("nav li:visible").all_inner_texts()


def told_of(page: Page) -> list[str]:
    """The headings of the actions that are left."""
    return page.locator("main section:visible h3").all_inner_texts()


def test_everything_is_there_at_first(docs: Page) -> None:
    assert len(listed(docs)) == len(told_of(docs)) == ALL
    expect(docs.locator("#found")).to_have_text("")


def test_words_of_a_name_leave_what_has_them_all(docs: Page) -> None:
    docs.fill("#wanted", "INSERT network")
    assert listed(docs) == told_of(docs) == ["network/insert"]
    assert docs.locator("main h2:visible").all_inner_texts() == ["Networks"]
    expect(docs.locator("#found")).to_have_text(f"1 of {ALL}")
    expect(docs.locator(".introduction")).to_be_hidden()


def test_what_is_in_no_name_is_found_in_the_descriptions(docs: Page) -> None:
    docs.fill("#wanted", "restserverurl")
    assert listed(docs) == ["server/info"]


def test_pushes_are_found(docs: Page) -> None:
    docs.fill("#wanted", "push notification")
    assert told_of(docs) == ["Push of notification/insert"]


def test_nothing_is_found(docs: Page) -> None:
    docs.fill("#wanted", "teapot")
    assert listed(docs) == told_of(docs) == docs.locator("main h2:visible").all() == []
    expect(docs.locator("#found")).to_have_text(f"0 of {ALL}")


def test_the_keyboard_is_enough(docs: Page) -> None:
    docs.keyboard.press("/")
    docs.keyboard.type("device/")
    docs.keyboard.press("ArrowDown")
    docs.keyboard.press("ArrowDown")
    expect(docs.locator(":focus")).to_have_text("device/get")
    docs.keyboard.press("ArrowUp")
    docs.keyboard.press("ArrowUp")
    expect(docs.locator("#wanted")).to_be_focused()
    docs.keyboard.press("Enter")
    assert docs.url.endswith("#devicesave")
    docs.keyboard.press("/")
    docs.keyboard.press("Escape")
    assert len(listed(docs)) == ALL
    expect(docs.locator("#wanted")).to_be_focused()


def test_a_link_to_what_the_search_hides_shows_it(docs: Page) -> None:
    docs.fill("#wanted", "token/create")
    docs.evaluate("location.hash = 'devicesave'")
    expect(docs.get_by_role("heading", name="device/save")).to_be_in_viewport()
    assert len(told_of(docs)) == ALL
