"""The world in which the examples of the documents happen: alice, bob and what they have.

What is different in each run (clocks, tokens, new ids) has a fixed value in the documents. Here
alone is said which, and one is put for the other.
"""

import json
import re
from typing import Any

from django.core.management.color import no_style
from django.db import connection as database

from devicehive.documents.endpoints import Endpoint
from devicehive.protocol.timestamps import now, timestamp_text
from devices.models import (
    Command,
    Configuration,
    Device,
    DeviceType,
    Network,
    Notification,
    Presence,
    User,
)
from devices.services import tokens
from tests.conftest import Connection, connected
from tests.factories import make_user
from tests.rest.client import Rest

ACCESS_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ0IjoxfQ.access"
REFRESH_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ0IjowfQ.refresh"
TOKEN = r"[\w-]+\.[\w-]+\.[\w-]+"
NOW = "2026-01-31T12:00:00.000"
TIMESTAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"
EARLIER = "2026-01-31T11:30:00Z"
NEW_IDS = {
    "network": 8,
    "deviceType": 16,
    "user": 4,
    "command": 1509337322,
    "notification": 778045123,
}
"""Of what `.../insert` makes, by the member of the answer or the push that holds it."""
SUBSCRIPTION = 16777217
"""alice's first subscription, to commands for the lamp; updates, notifications and what an example
subscribes to follow."""


class ExampleWorld:
    """alice, an administrator, asks; bob is a client. Both are in the network Home, as the lamp."""

    def __init__(self) -> None:
        self.began = timestamp_text(now())
        store_records()
        alice = make_people()
        issued = tokens.issue(alice, tokens.scope_of(alice))
        self.tokens = {"token": issued.access, "refreshToken": issued.refresh}
        self.connection = connected(alice)
        self.connection.caller.base_url = "http://localhost:8000/api"
        self.first = subscribe(self.connection)

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a documented frame; the answer as it is documented."""
        frame = request | {name: real for name, real in self.tokens.items() if name in request}
        if "subscriptionId" in frame:
            frame["subscriptionId"] += self.first - SUBSCRIPTION
        return self.documented(self.connection.send(json.dumps(frame)))

    def request(self, endpoint: Endpoint) -> tuple[int, Any]:
        """Send a documented request of REST; its status, and the content as it is documented."""
        example, action = endpoint.example, endpoint.action
        body = example.body
        if isinstance(body, dict):
            body = body | {name: real for name, real in self.tokens.items() if name in body}
        response = Rest(self.tokens["token"]).send(
            endpoint.method,
            endpoint.path.fill({name: str(each) for name, each in example.path.items()}),
            b"" if body is None else json.dumps(body).encode(),
            headers={"host": "localhost:8000"},
            **{name: query_text(each) for name, each in example.query.items()},
        )
        if endpoint.media_type == "text/plain":
            return response.status, response.body.decode()
        # As a frame, in which new ids are known by the member that holds them.
        member = action.returns or "content"
        frame = self.documented({"action": action.name, member: response.content})
        return response.status, frame[member]

    def pushed(self) -> list[dict[str, Any]]:
        return [self.documented(push) for push in self.connection.pushed()]

    def documented(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The frame with the values of the documents for those of this run."""
        stable: dict[str, Any] = self._stable("", frame)
        for name, new_id in NEW_IDS.items():
            if frame["action"].endswith("/insert") and name in frame:
                assert isinstance(frame[name]["id"], int)
                stable[name]["id"] = new_id
        return stable

    def _stable(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._stable(key, each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._stable(name, each) for each in value]
        if name == "subscriptionId":
            return value - self.first + SUBSCRIPTION
        if name in ("accessToken", "refreshToken") and re.fullmatch(TOKEN, value):
            return ACCESS_TOKEN if name == "accessToken" else REFRESH_TOKEN
        if isinstance(value, str) and re.fullmatch(TIMESTAMP, value) and value >= self.began:
            return NOW
        return value


def query_text(value: Any) -> str:
    """A member of a request as a query has it."""
    return ",".join(value) if isinstance(value, list) else str(value)


def store_records() -> None:
    home = Network.objects.create(id=7, name="Home", description="Ground floor")
    lamps = DeviceType.objects.create(id=14, name="Lamps", description="What gives light")
    DeviceType.objects.create(id=15, name="Sensors", description="What measures")
    lamp = Device.objects.create(
        id="lamp", name="Lamp", data='{"watts": 8}', network=home, device_type=lamps
    )
    message = {
        "device_id": lamp.id,
        "generation": lamp.generation,
        "network_id": home.id,
        "device_type_id": lamps.id,
        "timestamp": EARLIER,
        "stored_at": EARLIER,
    }
    Command.objects.create(
        **message,
        number=1509337321,
        command="dim",
        parameters='{"to": 40}',
        lifetime=60,
        status="new",
        last_updated=EARLIER,
        user_id=2,
    )
    Notification.objects.create(
        **message, number=778045122, notification="temperature", parameters='{"celsius": 38.5}'
    )
    Presence.objects.create(
        device=lamp,
        generation=lamp.generation,
        since=EARLIER,
        heard_at=EARLIER,
        address="192.0.2.7",
        user_id=3,
        is_silent=True,
    )
    Configuration.objects.create(id=3, name="greeting", value="Good morning")


def make_people() -> User:
    alice = make_user("alice", id=2, role=User.Role.ADMIN, last_login=EARLIER)
    bob = make_user("bob", id=3, all_device_types_available=False, data='{"team": "night"}')
    for user in alice, bob:
        user.networks.add(7)
    bob.device_types.add(14)
    give_no_id_twice()
    return alice


def give_no_id_twice() -> None:
    """On PostgreSQL a new record would otherwise get an id that was given here."""
    for statement in database.ops.sequence_reset_sql(no_style(), [Network, DeviceType, User]):
        with database.cursor() as cursor:
            cursor.execute(statement)


def subscribe(connection: Connection) -> int:
    """Listen to commands, to their updates and to notifications; the first id."""
    first: int = connection.ask("command/subscribe", deviceId="lamp")["subscriptionId"]
    connection.ask("command/subscribe", deviceId="lamp", returnUpdatedCommands=True)
    connection.ask("notification/subscribe", networkIds=[7])
    return first
