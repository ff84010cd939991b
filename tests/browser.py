"""A real browser, for what scripts do on the pages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import playwright
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.server import SECONDS

CHROMIUM = shutil.which("chromium")
NODE = Path(playwright.__file__).with_name("driver") / "node"
"""Playwright brings one, so that examples need none of the machine's."""

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a browser, in which no script may fail."""
    failed: list[str] = []
    with sync_playwright() as playwright:
        # Root, as which the tests run in containers, gets no sandbox of Chromium.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.set_default_timeout(SECONDS * 1000)
        expect.set_options(timeout=SECONDS * 1000)
        opened.on("pageerror", lambda error: failed.append(str(error)))
        yield opened
        browser.close()
    assert not failed
