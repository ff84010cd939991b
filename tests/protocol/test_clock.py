"""Timestamps come from the clock of the database, which all hosts share."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from devicehive.orm.clock import follow, follow_database
from devicehive.protocol.timestamps import get_ahead, now, set_ahead

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _own_clock() -> Iterator[None]:
    yield
    set_ahead(timedelta())


@pytest.mark.parametrize("ahead", [MINUTE, -MINUTE])
def test_a_host_that_is_early_or_late_goes_by_the_database(
    ahead: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    follow(datetime.now(UTC) + ahead)
    assert abs(get_ahead() - ahead) < MINUTE / 2
    assert abs(now() - datetime.now(UTC) - ahead) < MINUTE / 2
    (line,) = caplog.messages
    assert line.startswith("the clock of this host differs from the database's by ")
    assert line.endswith(" s: using the database's clock")


def test_what_goes_on_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    follow(datetime.now(UTC) + MINUTE)
    follow(datetime.now(UTC) + MINUTE)
    assert len(caplog.messages) == 1
    follow(datetime.now(UTC))
    assert get_ahead() == timedelta()
    assert caplog.messages[1].endswith(": using this host's clock again")


@pytest.mark.django_db
def test_a_host_whose_clock_is_right_goes_by_its_own(caplog: pytest.LogCaptureFixture) -> None:
    set_ahead(MINUTE * 60)
    connection.ensure_connection()
    follow_database()
    if connection.vendor == "postgresql":
        assert get_ahead() == timedelta()
    else:
        assert get_ahead() == MINUTE * 60  # SQLite is on the same host: nobody asks it.
