"""The format of log lines, whatever they contain."""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devicehive.log.lines import JsonFormatter, LineFormatter, beside
from devicehive.log.visitors import VISITOR, Visitor, peer_of

MOMENT = 1_795_731_289.5


def record(message: str, *values: object, error: Exception | None = None, **members: Any) -> Any:
    made = logging.LogRecord("devicehive.test", logging.INFO, "", 0, message, values, None)
    made.created, made.msecs = MOMENT, 500
    made.__dict__ |= members
    if error is not None:
        try:
            raise error  # noqa: TRY301  # for its traceback
        except Exception:
            made.exc_info = sys.exc_info()
    return made


def line(*given: object, **members: Any) -> str:
    """The line without its time, which is that of the machine."""
    text = LineFormatter().format(record(*given, **members))  # type: ignore[arg-type]
    return text.split(" ", 2)[2]


def test_a_line_for_people() -> None:
    assert line("closed", **beside(code=1000, why="it left", refused=None)) == (
        'INFO devicehive.test: closed code=1000 why="it left"'
    )


def test_a_line_for_programs() -> None:
    members: dict[str, Any] = beside(code=1000, why="it left", refused=None)
    made = record("closed after %d", 3, **members)
    assert json.loads(JsonFormatter().format(made)) == {
        "time": "2026-11-26T22:14:49.500+00:00",
        "level": "INFO",
        "logger": "devicehive.test",
        "message": "closed after 3",
        "code": 1000,
        "why": "it left",
    }


def test_whose_request_it_is_comes_first() -> None:
    VISITOR.set(Visitor(peer="192.0.2.1:4242", connection="c0ffee00", user_id=3))
    assert line("closed", **beside(code=1000)) == (
        "INFO devicehive.test: closed peer=192.0.2.1:4242 connection=c0ffee00 user=3 code=1000"
    )
    other = Visitor(peer="192.0.2.2")
    assert line("closed", **beside(other)) == "INFO devicehive.test: closed peer=192.0.2.2"


@pytest.mark.parametrize(
    ("client", "shown"),
    [
        (("192.0.2.1", 4242), "192.0.2.1:4242"),
        (["2001:db8::1", 4242], "[2001:db8::1]:4242"),
        (["192.0.2.1", 0], "192.0.2.1"),
        (None, "unknown"),
    ],
)
def test_a_peer_is_written_as_a_url_writes_it(client: Any, shown: str) -> None:
    assert peer_of(client) == shown


@given(st.text())
def test_nothing_that_a_client_chose_begins_a_line(text: str) -> None:
    written = line("%s", text, **beside(path=text))
    assert "\n" not in written
    assert "\r" not in written


@given(st.text())
def test_nothing_that_a_client_chose_passes_for_a_member(text: str) -> None:
    written = line("x", **beside(path=text + ' peer=192.0.2.9 reason="'))
    assert ' reason="' not in written.replace('\\"', "")[:-1]
    assert written.startswith('INFO devicehive.test: x path="')


def test_a_long_member_is_cut() -> None:
    assert line("x", **beside(path="p" * 5_000)).endswith("p" * 200 + "...")


def of_people(made: Any) -> str:
    return LineFormatter().format(made)


def of_programs(made: Any) -> str:
    return str(json.loads(JsonFormatter().format(made))["exception"])


@pytest.mark.parametrize("written", [of_people, of_programs])
def test_a_traceback_quotes_nothing_that_was_to_be_stored(written: Callable[[Any], str]) -> None:
    error = ValueError("no such row\nDETAIL:  Failing row contains (secret)\n2026 INFO x: forged")
    text = written(record("a request failed", error=error))
    assert "ValueError: no such row" in text
    assert "secret" not in text


def test_no_line_of_a_traceback_begins_like_one_of_the_log() -> None:
    text = of_people(record("failed", error=ValueError("a\n2026-11-26 22:14:49,500 INFO x: y")))
    first, *others = text.split("\n")
    assert first.endswith("failed")
    assert all(other.startswith("    ") for other in others)
