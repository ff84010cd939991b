"""Error pages link to the start page, and show the id that the log has."""

import logging
import re

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from devices.models import User
from tests.admin.browsing import Answer
from tests.admin.conftest import browser


def quoted(answer: Answer) -> str:
    """The id to quote, on a page from which one finds home."""
    text = answer.content.decode()
    assert f'href="{reverse("admin:index")}"' in text
    found = re.search("quote <code>([0-9a-f]{8})</code>", text)
    assert found
    return found[1]


def test_a_page_that_is_not_there(admin: Client, caplog: pytest.LogCaptureFixture) -> None:
    answer = admin.get("/admin/devices/lamp/")
    assert answer.status_code == 404
    assert quoted(answer)


def test_what_a_client_may_not(alice: User) -> None:
    answer = browser(alice).get(reverse("admin:devices_issuedtoken_add"))
    assert (answer.status_code, bool(quoted(answer))) == (403, True)


def test_a_filter_that_is_none(admin: Client) -> None:
    answer = admin.get(reverse("admin:devices_device_changelist"), {"data__regex": "("})
    assert (answer.status_code, bool(quoted(answer))) == (400, True)


def test_a_form_that_was_opened_before_the_log_in(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post(reverse("admin:devices_network_add"), {"name": "Attic"})
    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode()
    assert quoted(answer)


def test_a_form_that_is_too_long(admin: Client) -> None:
    answer = admin.post(reverse("admin:devices_device_add"), {"data": "x" * 3_000_000})
    assert (answer.status_code, bool(quoted(answer))) == (413, True)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is logged of errors."""
    lines: list[str] = []
    handler = next(each for each in logging.getLogger().handlers if each.filters)
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(record.getMessage()))
    return lines


@pytest.mark.django_db
def test_a_failure_is_in_the_log_by_its_id(
    alice: User, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    monkeypatch.setattr(User, "is_staff", property(lambda _: 1 / 0))
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 500
    assert lines == [f"Internal Server Error: /admin/ (error {quoted(answer)})"]


@pytest.mark.django_db
def test_a_database_that_is_away_is_no_failure_of_ours(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(user: User) -> bool:
        raise OperationalError("no connection")

    client = Client(raise_request_exception=False)
    client.force_login(alice)
    monkeypatch.setattr(User, "is_staff", property(fail))
    answer = client.get(reverse("admin:index"))
    assert (answer.status_code, "database does not answer" in answer.content.decode()) == (
        503,
        True,
    )
    assert quoted(answer)
