"""Actions that are committed in batches look at what they name in the commit, or before it if
something is wrong with the request: both must say the same (protocol, 3.1)."""

import json
from itertools import product
from typing import Any

import pytest

from devicehive.protocol import calls
from devicehive.protocol.refusals import Refused
from devices.models import Command, Device, User
from tests.conftest import Connection, connected

DEVICE_IDS = ["bobs-lamp", "nothing", "", None, 5, []]
BODIES = [None, {}, 5, {"command": "dim"}, {"notification": "on"}, {"notification": "$device-add"}]
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


def in_a_batch(connection: Connection, text: str) -> str:
    """As a connection answers that submits what is well-formed without looking at the device."""
    request = calls.read(text)
    assert request is not None
    try:
        item = request.action.prepare(connection.caller, request, gate=False)
    except Refused:
        return request.execute(connection.caller)
    assert request.action.commit is not None
    (result,) = request.action.commit([item])
    return request.answer(result)


def outcome(answer: str) -> tuple[str, int | None, str | None]:
    """All but what is stored, which has another id each time."""
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


def assert_in_a_batch_as_alone(callers: list[Connection], frames: list[dict[str, Any]]) -> None:
    for caller, frame in product(callers, frames):
        text = json.dumps(frame)
        assert outcome(in_a_batch(caller, text)) == outcome(caller.text(text)), text


@pytest.mark.parametrize("kind", ["command", "notification"])
def test_inserts(callers: list[Connection], device: Device, kind: str) -> None:
    frames = [
        {"action": f"{kind}/insert", "deviceId": device_id, kind: body}
        for device_id, body in product(DEVICE_IDS, BODIES)
    ]
    assert_in_a_batch_as_alone(callers, frames)


@pytest.mark.usefixtures("_command")
def test_updates(callers: list[Connection]) -> None:
    frames = [
        {"action": "command/update", "deviceId": device_id, "commandId": number, "command": body}
        for device_id, number, body in product(DEVICE_IDS, [7, 8, None, "x"], BODIES)
    ]
    assert_in_a_batch_as_alone(callers, frames)
