"""alice is the administrator, bob a client who owns a network, charlie a stranger."""

import asyncio
import gc
import json
import time
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection as database
from django.test import TestCase
from pytest_django.plugin import blocking_manager_key

from devicehive.events.event import Event
from devicehive.events.fanout import Fanout
from devicehive.events.hub import hub
from devicehive.protocol import calls, connections, frames
from devicehive.protocol.actions import registry
from devicehive.protocol.actor import ACTOR
from devicehive.protocol.attendance import attendance
from devicehive.protocol.permissions import Principal
from devicehive.serving import database as serving
from devices.models import Device, DeviceType, Network, User
from devices.services import tokens
from devices.services.known_passwords import KnownPasswords, known_passwords
from devices.services.login_failures import LoginFailures, login_failures
from tests import exchanges, threads
from tests.factories import make_user
from tests.secrecy import no_secret_is_logged  # noqa: F401  # a fixture for all
from tests.server import (  # noqa: F401  # fixtures
    keep_server,
    migrated,
    server,
    shared_server,
    start_server,
)

pytest_plugins = ["tests.workers", "tests.thorough", "tests.browser"]

settings.SAVE_SECONDS = 60
"""Test machines are busy, and what they do slowly is to succeed nevertheless."""

HOST = "http://testserver/api"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not settings.SCALES_OUT:
        skip = pytest.mark.skip(reason="needs PostgreSQL and Redis: DATABASE_URL and REDIS_URL")
        for item in items:
            if item.get_closest_marker("postgresql"):
                item.add_marker(skip)


def pytest_collection_finish() -> None:
    """Thousands of tests are no garbage, and take long to look through."""
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Lets go of the test database before it is dropped."""
    yield
    threads.close_connections()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Fill the database as it was migrated, which a test that commits leaves empty.

    Whichever test comes next relies on it, and in a parallel run that may be any. When none comes,
    the test database is gone by now, and the connection leads to the one that is named in settings.
    """
    try:
        yield
    finally:
        marker = item.get_closest_marker("django_db")
        contents = getattr(database, "_test_serialized_contents", None)
        if nextitem and contents and marker and marker.kwargs.get("transaction"):
            with item.config.stash[blocking_manager_key].unblock():
                # Flushing fills this one in an order of its own, with other ids.
                ContentType.objects.all().delete()
                database.creation.deserialize_db_from_string(contents)
                database.close()


class Connection:
    """A connection without a socket: what a frame says is answered by the real pipeline."""

    opened: list["Connection"] = []

    def __init__(self, principal: Principal | None = None, *, login: str | None = None) -> None:
        self.caller = connections.Connection(base_url=HOST, principal=principal, listener=self.hear)
        self.login = login
        self.sent: list[str] = []
        self.opened.append(self)

    def hear(self, event: Event, subscription_id: int) -> None:
        self.sent.append((frames.push_head(event) + frames.push_tail(subscription_id)).decode())

    def text(self, text: str) -> str:
        """Answer a raw frame with a raw frame."""
        try:
            request = frames.read(text)
        except frames.Unreadable as unreadable:
            return unreadable.answer
        with TestCase.captureOnCommitCallbacks(execute=Fanout.running is not None):
            answer = threads.run(frames.answer(request, calls.perform(self.caller, request)))
        self.sent.append(answer)
        self.caller.start_opened()
        if Fanout.running is not None:
            Fanout.running.loop.run_until_complete(asyncio.sleep(0))
        return answer

    def pushed(self) -> list[dict[str, Any]]:
        """What was sent to it without being asked for, since this was called last."""
        assert Fanout.running, "the test needs the fixture `live`"
        messages = [json.loads(text) for text in self.sent]
        self.sent.clear()
        return [message for message in messages if "status" not in message]

    def send(self, text: str) -> dict[str, Any]:
        """Answer a raw frame."""
        decoded: dict[str, Any] = json.loads(self.text(text))
        exchanges.note(self.login, text, decoded)
        return decoded

    def prepare(self, action: str, **members: Any) -> Any:
        """What a request adds to a batch, for actions that are committed in batches."""
        return calls.Request.of(registry[action], members).execute(self.caller)

    def ask(self, action: str, **members: Any) -> dict[str, Any]:
        """Send a frame with `requestId` 1 and return the whole answer."""
        return self.send(json.dumps({"action": action, "requestId": 1, **members}))


def connected(user: User | None, **claims: tuple[Any, ...] | None) -> Connection:
    """A connection authenticated with the token `user` gets at login, or with other claims."""
    connection = Connection(login=None if user is None else user.login)
    if user is not None:
        scope = tokens.scope_of(user)
        scope = tokens.Scope(
            claims.get("a", scope.actions),
            claims.get("n", scope.networks),
            claims.get("dt", scope.device_types),
        )
        token = tokens.issue(user, scope).access
        answer = connection.ask("authenticate", token=token)
        assert answer["status"] == "success", answer
    return connection


def success(action: str, **members: Any) -> dict[str, Any]:
    """The whole answer to a frame that `Connection.ask` sent."""
    return {"action": action, "requestId": 1, "status": "success", **members}


def refused(action: str, code: int, error: str) -> dict[str, Any]:
    return {"action": action, "requestId": 1, "status": "error", "code": code, "error": error}


@pytest.fixture(autouse=True)
def _connections() -> Iterator[None]:
    yield
    while Connection.opened:
        Connection.opened.pop().caller.close()
    attendance.take()


@pytest.fixture(autouse=True)
def _nothing_is_left_to_write(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a test that is one transaction, what is left to the writer is written at once: its own
    connection would see none of it, and be at work when the test has ended."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        monkeypatch.setattr(serving, "write_later", lambda function: function())


@pytest.fixture(autouse=True)
def _nobody_acts() -> None:
    """A command says for good for whom it acts, and many tests run in one process."""
    ACTOR.set(None)


@pytest.fixture(autouse=True)
def _nobody_has_logged_in() -> None:
    """What a process remembers of log-ins, tests would have of each other."""
    vars(login_failures).update(vars(LoginFailures()))
    vars(known_passwords).update(vars(KnownPasswords()))


@pytest.fixture
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For those who have to wait before they may log in: a test can be slow."""
    now = time.monotonic()
    monkeypatch.setattr("devices.services.login_failures.monotonic", lambda: now)


@pytest.fixture
def live() -> Iterator[None]:
    """What a request stores is pushed to the subscribed connections, as in a server process.

    The tests turn the event loop, once after each request, and no channel layer takes part.
    """
    loop = asyncio.new_event_loop()

    async def fanout() -> Fanout:
        return Fanout(hub)

    Fanout.running = loop.run_until_complete(fanout())
    yield
    Fanout.running = None
    loop.close()


@pytest.fixture
def alice(db: None) -> User:
    """The administrator of Appendix B: a member of network 1."""
    user = make_user("alice", role=User.Role.ADMIN)
    user.networks.add(1)
    return user


@pytest.fixture
def network(db: None) -> Network:
    """bob's network."""
    return Network.objects.create(name="bob's network")


@pytest.fixture
def device_type(db: None) -> DeviceType:
    return DeviceType.objects.create(name="Sensors")


@pytest.fixture
def bob(network: Network) -> User:
    user = make_user("bob")
    user.networks.add(network)
    return user


@pytest.fixture
def charlie(db: None) -> User:
    return make_user("charlie")


@pytest.fixture
def device(network: Network, device_type: DeviceType) -> Device:
    """A device in bob's network."""
    return Device.objects.create(
        id="bobs-lamp", name="Lamp", data='{"on": true}', network=network, device_type=device_type
    )


@pytest.fixture
def as_alice(alice: User) -> Connection:
    return connected(alice)


@pytest.fixture
def as_bob(bob: User) -> Connection:
    return connected(bob)


@pytest.fixture
def as_charlie(charlie: User) -> Connection:
    return connected(charlie)


@pytest.fixture
def anonymous(db: None) -> Connection:
    return connected(None)
