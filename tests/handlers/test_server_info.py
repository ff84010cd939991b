"""server/info (protocol, 5.1.1)."""

import re
from datetime import UTC, datetime, timedelta

from tests.conftest import HOST, Connection, success


def test_anyone_is_told_three_things(anonymous: Connection) -> None:
    answer = anonymous.ask("server/info")
    info = {
        "apiVersion": "4.1.0",
        "serverTimestamp": answer["info"]["serverTimestamp"],
        "restServerUrl": f"{HOST}/rest",
    }
    assert answer == success("server/info", info=info)


def test_the_time_is_now_in_the_only_layout_all_clients_read(anonymous: Connection) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)  # The time is cut, not rounded.
    text = anonymous.ask("server/info")["info"]["serverTimestamp"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", text)
    assert before <= datetime.fromisoformat(text).replace(tzinfo=UTC) <= datetime.now(UTC)


def test_it_needs_no_permission(as_charlie: Connection) -> None:
    assert as_charlie.ask("server/info")["status"] == "success"
