"""The three ways of a request, and what is raised on them (devicehive/protocol/calls.py)."""

import asyncio
import logging
import re
from collections.abc import Iterator, Sequence
from threading import Barrier, current_thread, main_thread
from typing import Any

import msgspec
import pytest
from django.db import connection

from devicehive.log.lines import members_of
from devicehive.protocol import calls, frames
from devicehive.protocol.actions import Caller, Envelope, Runs, action, registry
from devicehive.protocol.actor import ACTOR
from devicehive.protocol.bodies import Params
from devicehive.protocol.calls import Request
from devicehive.protocol.permissions import Permission, Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devicehive.protocol.shapes import Long
from devicehive.serving import database

# Nothing is stored; but the threads close a connection that they may have from another test.
pytestmark = pytest.mark.django_db

BOB = Principal(user_id=2, is_admin=False, permissions=frozenset({Permission.REGISTER_DEVICE}))
FAILED = (
    r'\{"action":"test/way","requestId":null,"status":"error","code":500,'
    r'"error":"Internal server error \(error ([0-9a-f]{8})\)"\}'
)


class Members(Params):
    number: Long | None = None


@pytest.fixture(autouse=True)
def _own_actions() -> Iterator[None]:
    yield
    registry.pop("test/way", None)


def thread_name() -> str:
    return "loop" if current_thread() is main_thread() else current_thread().name.partition("_")[0]


async def perform(caller: Caller | None = None, **members: object) -> Any:
    return await calls.perform(
        caller or Caller(principal=BOB), Request.of(registry["test/way"], members)
    )


@pytest.mark.parametrize(
    ("runs", "thread"),
    [(Runs.INLINE, "loop"), (Runs.DATABASE, "database")],
)
async def test_a_handler_runs_where_its_action_says(runs: Runs, thread: str) -> None:
    @action("test/way", runs=runs)
    def handle(caller: Caller, params: Members) -> tuple[str, int | None]:
        return thread_name(), params.number

    assert await perform(number=7) == (thread, 7)


@pytest.mark.parametrize(
    ("hosts", "at_once"), [(["192.0.2.1"] * 3, 1), (["192.0.2.1", "192.0.2.2"], 2), ([""] * 2, 2)]
)
async def test_lists_of_one_address_are_made_one_after_the_other(
    hosts: list[str], at_once: int
) -> None:
    together = Barrier(at_once)

    @action("test/way")
    def handle(caller: Caller, params: Members) -> list[int]:
        under_way.append(0)
        together.wait()  # Otherwise they would be too fast to meet.
        most.append(len(under_way))
        together.wait()
        under_way.pop()
        return []

    under_way, most = list[int](), list[int]()
    callers = [Caller(principal=BOB, address=host) for host in hosts]
    await asyncio.gather(*map(perform, callers))
    assert max(most) == at_once


async def test_a_handler_that_is_awaited_calls_services_on_behalf_of_the_caller() -> None:
    @action("test/way", runs=Runs.AWAITED)
    async def handle(caller: Caller, params: Members) -> tuple[str, str, Principal | None]:
        return thread_name(), *await calls.call_for(caller, lambda: (thread_name(), ACTOR.get()))

    assert await perform() == ("loop", "database", BOB)
    assert ACTOR.get() is None


@pytest.mark.parametrize(("way", "thread"), [("commit", "writer"), ("look_up", "reader")])
async def test_a_batch_runs_in_its_thread_once_for_what_comes_together(
    way: str, thread: str
) -> None:
    batches: list[tuple[str, list[int]]] = []

    def batch(items: Sequence[int]) -> list[int]:
        batches.append((thread_name(), [*items]))
        return [-item for item in items]

    @action("test/way", **{way: batch})  # type: ignore[arg-type]  # one of two of this type
    def handle(caller: Caller, params: Members) -> int | None:
        return params.number

    assert await asyncio.gather(perform(number=1), perform(number=2)) == [-1, -2]
    assert batches == [(thread, [1, 2])]


async def test_what_runs_between_batches_waits_for_the_one_under_way() -> None:
    steps: list[str] = []

    def commit(items: Sequence[int]) -> list[int]:
        steps.append(f"commit in {thread_name()}")
        return [*items]

    @action("test/way", commit=commit)
    def handle(caller: Caller, params: Members) -> int | None:
        return params.number

    saved = asyncio.ensure_future(perform(number=1))
    await asyncio.sleep(0)
    assert database.is_busy()
    await asyncio.sleep(0)  # The batch is with the writer.
    await database.run_between_batches(lambda: steps.append(f"slice in {thread_name()}"))
    assert await saved == 1
    assert not database.is_busy()
    assert steps == ["commit in writer", "slice in writer"]


async def test_what_is_written_beside_saves_never_competes_with_them_for_a_lock() -> None:
    """SQLite has one lock, and does not give it to waiting threads in turn."""
    thread = await database.run_beside_saves(thread_name)
    assert thread == ("database" if connection.vendor == "postgresql" else "writer")


async def test_what_a_commit_refuses_is_raised() -> None:
    def commit(items: Sequence[int]) -> list[int | Refused]:
        return [item if item == 1 else ProtocolRefusal.CONFLICT() for item in items]

    @action("test/way", commit=commit)
    def handle(caller: Caller, params: Members) -> int | None:
        return params.number

    results: tuple[Any, Any] = await asyncio.gather(
        perform(number=1), perform(number=2), return_exceptions=True
    )
    first, second = results
    assert first == 1
    assert isinstance(second, Refused)
    assert second.code == 409


class Batched:
    """An action with a commit whose handler refuses or fails, and the steps that were taken."""

    def __init__(self, error: Exception, *, hidden: bool = False, gated: bool = True) -> None:
        self.error = error
        self.hidden = hidden
        self.steps: list[str] = []
        action(
            "test/way",
            needs=Permission.REGISTER_DEVICE,
            target=self.target if gated else None,
            commit=self.commit,
        )(self.handle)

    def target(self, principal: Principal, envelope: Envelope) -> None:
        self.steps.append(f"target in {thread_name()}")
        if self.hidden:
            raise ProtocolRefusal.ACCESS_DENIED()

    def handle(self, caller: Caller, params: Members) -> None:
        self.steps.append("handler")
        raise self.error

    def commit(self, items: Sequence[Any]) -> list[Any]:
        self.steps.append("commit")
        return [*items]


async def test_a_refused_request_without_a_target_is_handled_once_and_in_no_thread() -> None:
    batched = Batched(ProtocolRefusal.INVALID_PARAMETERS(), gated=False)
    with pytest.raises(Refused, match="Invalid request parameters"):
        await perform()
    assert batched.steps == ["handler"]


async def test_a_refused_request_is_handled_once_before_its_target_is_looked_at() -> None:
    batched = Batched(ProtocolRefusal.INVALID_PARAMETERS())
    with pytest.raises(Refused, match="Invalid request parameters"):
        await perform()
    assert batched.steps == ["handler", "target in database"]


async def test_a_refusal_is_not_told_about_a_target_that_the_caller_must_not_know_of() -> None:
    batched = Batched(ProtocolRefusal.INVALID_PARAMETERS(), hidden=True)
    with pytest.raises(Refused, match="Access is denied"):
        await perform()
    assert batched.steps == ["handler", "target in database"]


async def test_members_of_a_wrong_type_are_no_reason_to_tell_of_a_target_either() -> None:
    batched = Batched(ProtocolRefusal.INVALID_PARAMETERS(), hidden=True)
    with pytest.raises(Refused, match="Access is denied"):
        await perform(number="x")
    assert batched.steps == ["target in database"]


async def test_an_anonymous_caller_reaches_neither_handler_nor_target() -> None:
    batched = Batched(ProtocolRefusal.INVALID_PARAMETERS())
    with pytest.raises(Refused, match="Unauthorized"):
        await perform(Caller())
    assert batched.steps == []


@pytest.mark.parametrize("gated", [True, False])
async def test_a_bug_in_a_handler_of_a_batched_action_is_logged_once_and_answered(
    gated: bool, caplog: pytest.LogCaptureFixture
) -> None:
    batched = Batched(ZeroDivisionError("a bug"), gated=gated)
    request = frames.read('{"action": "test/way"}')
    with caplog.at_level(logging.ERROR):
        answer = await frames.answer(request, calls.perform(Caller(principal=BOB), request))
    told = re.fullmatch(FAILED, answer)
    assert told
    assert batched.steps == ["handler"]
    (record,) = caplog.records
    assert record.getMessage() == "a request failed"
    assert members_of(record) == {"action": "test/way", "error": told[1]}
    assert record.exc_info is not None
    assert record.exc_info[1] is batched.error


def test_a_request_is_made_of_members_that_are_json_texts_or_values() -> None:
    members = {"deviceId": "lamp", "device": msgspec.Raw(b'{"data": {"b":1.0,"a":2}}')}
    request = Request.of(registry["device/save"], members)
    assert request.action is registry["device/save"]
    assert request.envelope.device_id == "lamp"
    assert request.text == '{"deviceId":"lamp","device":{"data": {"b":1.0,"a":2}}}'


def test_no_request_is_made_of_an_id_of_a_wrong_type() -> None:
    with pytest.raises(Refused, match="Malformed Json received"):
        Request.of(registry["network/get"], {"networkId": "x"})
