"""A real browser, for tests of scripts on pages."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import playwright
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.server import SECONDS

CHROMIUM = shutil.which("chromium")
NODE = Path(playwright.__file__).with_name("driver") / "node"
"""Playwright brings one, so that examples need none of the machine's."""

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a module: to start takes longer than a test. It has an event loop, which other
    modules must find stopped."""
    # Root, as which the tests run in containers, gets no sandbox of Chromium.
    options: Any = {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}
    with sync_playwright() as playwright, playwright.chromium.launch(**options) as browser:
        yield browser


@contextmanager
def new_page(browser: Browser) -> Iterator[Page]:
    """A page in which no script may fail, of a person who was never here."""
    failed: list[str] = []
    with browser.new_context() as context:
        opened = context.new_page()
        opened.set_default_timeout(SECONDS * 1000)
        expect.set_options(timeout=SECONDS * 1000)
        opened.on("pageerror", lambda error: failed.append(str(error)))
        yield opened
    assert not failed


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with new_page(browser) as page:
        yield page
