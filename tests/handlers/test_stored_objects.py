"""JSON in `data`, `parameters` and `result`, of any resource (protocol, 1.7)."""

from collections.abc import Callable
from typing import Any

import pytest

from devices.models import Command, Device, Notification, User
from tests.conftest import Connection

pytestmark = pytest.mark.usefixtures("device")

FRAMES = {
    "data of a device": (
        '{"action": "device/save", "deviceId": "bobs-lamp", "device": {"data": %s}}',
        lambda: Device.objects.get(id="bobs-lamp").data,
    ),
    "parameters of a notification": (
        (
            '{"action": "notification/insert", "deviceId": "bobs-lamp",'
            ' "notification": {"notification": "n", "parameters": %s}}'
        ),
        lambda: Notification.objects.order_by("-id")[0].parameters,
    ),
    "parameters of a command": (
        (
            '{"action": "command/insert", "deviceId": "bobs-lamp",'
            ' "command": {"command": "c", "parameters": %s}}'
        ),
        lambda: Command.objects.order_by("-id")[0].parameters,
    ),
    "result of a command": (
        (
            '{"action": "command/insert", "deviceId": "bobs-lamp",'
            ' "command": {"command": "c", "result": %s}}'
        ),
        lambda: Command.objects.order_by("-id")[0].result,
    ),
    "data of a user": (
        '{"action": "user/updateCurrent", "user": {"data": %s}}',
        lambda: User.objects.get(login="alice").data,
    ),
}

everywhere = pytest.mark.parametrize(("frame", "stored"), FRAMES.values(), ids=FRAMES)


@everywhere
@pytest.mark.parametrize("number", ["9" * 309, "-" + "9" * 4000, "1e400"], ids=["309", "4000", "e"])
def test_a_number_that_clients_cannot_read_is_refused(
    as_alice: Connection, frame: str, stored: Callable[[], str | None], number: str
) -> None:
    answer = as_alice.send(frame % f'{{"a": [{number}]}}')
    assert (answer["code"], answer["error"]) == (400, "Malformed Json received.")


@everywhere
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"a": 1,  "b":2.50, "n": %s}' % ("9" * 308), None),
        ('{"a": 1, "b": {"c": 1, "c": 2.50}, "a": 3}', '{"a": 3, "b": {"c": 2.50}}'),
    ],
    ids=["once", "twice"],
)
def test_the_last_of_a_repeated_member_is_stored(
    as_alice: Connection, frame: str, stored: Callable[[], str | None], text: str, kept: str | None
) -> None:
    answer: dict[str, Any] = as_alice.send(frame % text)
    assert answer["status"] == "success", answer
    assert stored() == (kept or text)
