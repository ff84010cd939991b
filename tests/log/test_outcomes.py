"""How many lines a flood writes, and what lines about refusals and failures say."""

import logging

import pytest

from devicehive.log import bounds, outcomes
from devicehive.log.bounds import Bound
from devicehive.log.lines import members_of
from devicehive.log.outcomes import LINES_OF_A_CLIENT, name_failure, note_refusal
from devicehive.log.visitors import VISITOR, Visitor
from devicehive.protocol.refusals import Violation, invalid
from devices.refusals import DeviceRefusal, UserRule


@pytest.fixture(autouse=True)
def _new_bound(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(outcomes, "_of_all", Bound(20, seconds=10))


def test_a_bound_is_filled_again_as_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(bounds, "monotonic", lambda: now)
    bound = Bound(2, seconds=10)
    assert [bound.take() for _ in range(4)] == [True, True, False, False]
    now = 105.0
    assert [bound.take(), bound.take()] == [True, False]
    assert (bound.count_unshown(), bound.count_unshown()) == (3, 0)


def test_a_client_that_is_refused_all_the_time_writes_few_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    visitor = Visitor(peer="192.0.2.1:1", connection="c0ffee00")
    VISITOR.set(visitor)
    for _ in range(1_000):
        note_refusal(DeviceRefusal.NOT_FOUND("lamp"), action="device/get")
    assert (len(caplog.records), visitor.refused) == (LINES_OF_A_CLIENT, 1_000)


def test_many_clients_that_are_refused_write_few_lines_and_say_so(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(bounds, "monotonic", lambda: now)
    monkeypatch.setattr(outcomes, "_of_all", Bound(20, seconds=10))
    for number in range(100):
        visitor = Visitor(peer=f"192.0.2.1:{number}", connection="c0ffee00")
        note_refusal(DeviceRefusal.NOT_FOUND("lamp"), visitor)
    assert len(caplog.records) == 20
    now = 110.0
    note_refusal(DeviceRefusal.NOT_FOUND("lamp"))
    assert members_of(caplog.records[-1])["unshown"] == 80


def test_a_refusal_is_told_without_what_the_client_has_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    note_refusal(invalid(Violation("password", "hunter2", UserRule.PASSWORD_LENGTH)))
    note_refusal(DeviceRefusal.NOT_FOUND("hunter2"))
    note_refusal(DeviceRefusal.NO_ACCESS().because("token refused", reason="expired", user=3))
    assert [(each.levelname, each.message, members_of(each)) for each in caplog.records] == [
        (
            "INFO",
            "request refused",
            {
                "code": 400,
                "reason": "password: The length of password should not be more than 128 symbols.",
            },
        ),
        (
            "INFO",
            "request refused",
            {"code": 404, "reason": "Device with such deviceId = ... not found"},
        ),
        ("WARNING", "token refused", {"code": 403, "reason": "expired", "user": 3}),
    ]


def test_what_a_whole_batch_fails_with_has_one_id_and_one_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = OSError("the database is away")
    answers = {name_failure(error, action="device/save", request=n) for n in range(50)}
    other = name_failure(OSError("again"))
    assert len(answers) == 1
    assert other not in answers
    assert len(caplog.records) == 51
    assert sum(record.exc_info is not None for record in caplog.records) == 2
    error_id = str(members_of(caplog.records[0])["error"])
    assert answers == {error_id}


def test_each_of_many_failures_has_a_line_but_few_have_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for number in range(100):
        name_failure(OSError(f"failure {number}"))
    assert len(caplog.records) == 100
    assert sum(bool(record.exc_info) for record in caplog.records) == 20
