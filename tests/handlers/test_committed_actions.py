"""Actions that are committed in batches look at what they name in the commit, or before it if
something is wrong with the request: all must say what the gate says first (protocol, 3.1)."""

import json
from itertools import product
from typing import Any

import pytest

from devicehive.protocol import frames
from devicehive.protocol.actions import Runs
from devicehive.protocol.refusals import Refused
from devicehive.serving import database
from devices.models import Command, Device, User
from tests import threads
from tests.conftest import Connection, connected

DEVICE_IDS: list[object] = ["bobs-lamp", "nothing", "", None, 5, []]
BODIES: list[object] = [
    None,
    {},
    5,
    {"command": "dim"},
    {"notification": "on"},
    {"notification": "$device-add"},
]
BODIES += [{"status": [], "timestamp": True}, {"parameters": 5, "result": 5}]


@pytest.fixture
def callers(alice: User, bob: User, charlie: User, anonymous: Connection) -> list[Connection]:
    return [
        anonymous,
        connected(alice),
        connected(alice, n=("1",)),
        connected(bob),
        connected(bob, a=(3,)),
        connected(bob, n=None),
        connected(bob, n=()),
        connected(bob, dt=("1",)),
        connected(charlie),
        connected(charlie, n=("*",), dt=("*",)),
    ]


def gate_first(connection: Connection, text: str) -> str:
    """As an action answers that looks at its target before all else, and is done alone."""
    try:
        request = frames.read(text)
    except frames.Unreadable as unreadable:
        return unreadable.answer

    def execute() -> Any:
        item = request.execute(connection.caller)
        assert request.action.batch is not None
        (result,) = request.action.batch([item])
        if isinstance(result, Refused):
            raise result
        return result

    return threads.run(frames.answer(request, database.run(Runs.DATABASE, execute)))


def outcome(answer: str) -> tuple[str, int | None, str | None]:
    """The answer without the stored record, whose id differs each time."""
    decoded = json.loads(answer)
    return decoded["status"], decoded.get("code"), decoded.get("error")


@pytest.fixture
def _command(device: Device, bob: User) -> None:
    """Number 7 of bob's lamp."""
    moment = "2026-01-01T00:00:00Z"
    Command.objects.create(
        command="dim",
        device_id=device.id,
        generation=device.generation,
        number=7,
        user_id=bob.pk,
        timestamp=moment,
        last_updated=moment,
        stored_at=moment,
    )


def assert_as_gate_first(callers: list[Connection], texts: list[dict[str, Any]]) -> None:
    for caller, frame in product(callers, texts):
        text = json.dumps(frame)
        assert outcome(caller.text(text)) == outcome(gate_first(caller, text)), text


def test_gets_are_answered_as_if_the_gate_came_first(
    callers: list[Connection], device: Device
) -> None:
    assert_as_gate_first(
        callers, [{"action": "device/get", "deviceId": device_id} for device_id in DEVICE_IDS]
    )


@pytest.mark.parametrize("kind", ["command", "notification"])
def test_inserts_are_answered_as_if_the_gate_came_first(
    callers: list[Connection], device: Device, kind: str
) -> None:
    texts = [
        {"action": f"{kind}/insert", "deviceId": device_id, kind: body}
        for device_id, body in product(DEVICE_IDS, BODIES)
    ]
    assert_as_gate_first(callers, texts)


@pytest.mark.usefixtures("_command")
def test_updates_are_answered_as_if_the_gate_came_first(callers: list[Connection]) -> None:
    texts = [
        {"action": "command/update", "deviceId": device_id, "commandId": number, "command": body}
        for device_id, number, body in product(DEVICE_IDS, [7, 8, None, "x"], BODIES)
    ]
    assert_as_gate_first(callers, texts)
