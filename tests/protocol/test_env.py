"""Knobs: a default that works, and one clear line for a bad value."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from devicehive import env


@pytest.fixture(autouse=True)
def own_knobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares must not appear in the documents of the settings."""
    monkeypatch.setattr(env, "KNOBS", {})


def test_what_is_not_set_is_the_default() -> None:
    assert env.number("KNOB", 7, "A number.") == 7


def test_empty_means_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOB", "")
    assert env.number("KNOB", 7, "A number.") == 7
    assert env.switch("KNOB", True, "A switch.") is True


def test_what_is_set_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOB", "12")
    assert env.number("KNOB", 7, "A number.") == 12
    assert env.text("KNOB", "", "A text.") == "12"


@pytest.mark.parametrize("value", ["1", "true", "Yes", "ON"])
def test_words_that_switch_on(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("KNOB", value)
    assert env.switch("KNOB", False, "A switch.") is True


@pytest.mark.parametrize("value", ["0", "false", "No", "OFF"])
def test_words_that_switch_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("KNOB", value)
    assert env.switch("KNOB", True, "A switch.") is False


def test_words_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOB", "a, b,,c ")
    assert env.words("KNOB", [], "Words.") == ["a", "b", "c"]


def test_a_choice_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOB", "debug")
    assert env.choice("KNOB", "INFO", "A level.", of=("INFO", "DEBUG")) == "DEBUG"


@pytest.mark.parametrize("value", ["many", "1.5", "0", "11"])
def test_a_bad_number_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("KNOB", value)
    with pytest.raises(ImproperlyConfigured) as stopped:
        env.number("KNOB", 7, "A number.", least=1, most=10)
    assert str(stopped.value) == (f"KNOB='{value}' is not valid; expected: whole number, 1 to 10")


def test_a_bad_switch_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOB", "maybe")
    with pytest.raises(ImproperlyConfigured, match="KNOB='maybe' is not valid; expected: on or"):
        env.switch("KNOB", False, "A switch.")


def test_a_choice_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOB", "loud")
    with pytest.raises(ImproperlyConfigured, match="KNOB='loud' is not valid; expected: one of"):
        env.choice("KNOB", "INFO", "A level.", of=("INFO", "DEBUG"))


def test_a_url_of_another_scheme_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOB", "mysql://localhost/db")
    with pytest.raises(ImproperlyConfigured, match="is not valid; expected: URL: sqlite://"):
        env.url("KNOB", "", "A database.", schemes=("sqlite",))


@pytest.mark.parametrize(
    "url", ["postgres://bob:pa/ss@localhost/db", "postgres://localhost:65536/db", "postgres://[/db"]
)
def test_a_url_that_cannot_be_taken_apart_stops_the_start_and_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("KNOB", url)
    with pytest.raises(ImproperlyConfigured, match=r"^KNOB is not valid; expected: URL: postgres"):
        env.url("KNOB", "", "A database.", schemes=("postgres",))


def test_every_knob_is_kept_for_the_documents() -> None:
    env.switch("KNOB", False, "A switch.")
    assert list(env.KNOBS.values()) == [env.Knob("KNOB", "on or off", "off", "A switch.")]


def test_a_value_is_read_from_the_file_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter2\n")
    monkeypatch.setenv("KNOB_FILE", str(file))
    assert env.text("KNOB", "", "A text.") == "hunter2"
    monkeypatch.setenv("KNOB", "other")
    with pytest.raises(ImproperlyConfigured, match="KNOB and KNOB_FILE are both set"):
        env.text("KNOB", "", "A text.")


def test_a_file_that_cannot_be_read_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOB_FILE", "/nowhere")
    with pytest.raises(ImproperlyConfigured, match="KNOB_FILE='/nowhere' cannot be read: No such"):
        env.text("KNOB", "", "A text.")


def test_secrets_are_good_until_the_end_of_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOB", "b2xk@2026-12-31, b2xkZXI=@2026-12-01")
    assert env.dated("KNOB", "Secrets.") == [
        ("b2xk", datetime(2027, 1, 1, tzinfo=UTC)),
        ("b2xkZXI=", datetime(2026, 12, 2, tzinfo=UTC)),
    ]


@pytest.mark.parametrize("value", ["b2xk", "b2xk@", "b2xk@soon", "b2xk@31.12.2026"])
def test_a_secret_needs_a_day(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("KNOB", value)
    with pytest.raises(ImproperlyConfigured, match="SECRET@YYYY-MM-DD"):
        env.dated("KNOB", "Secrets.")
