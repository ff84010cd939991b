"""Simulated devices: WebSocket clients that save at a steady rate."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

ANSWER_SECONDS = 10
"""A device that waits longer for an answer gives up."""
NO_ANSWER = f"no answer within {ANSWER_SECONDS} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    url: str
    token: str
    devices: int
    rate: float
    """Saves per second of all devices together."""
    seconds: float


@dataclass(slots=True)
class Tally:
    on_answer: Callable[[], object]
    latencies: list[float] = field(default_factory=list)
    """Seconds from a save to its success."""
    errors: Counter[str] = field(default_factory=Counter)
    elapsed: float = 0.0

    def quantile(self, share: float) -> float:
        """Milliseconds in which this share of the saves was answered."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


class CannotStart(Exception):  # noqa: N818  # what happened, as Refused is
    """The server is not there, or does not take the token."""


async def simulate(plan: Simulation, tally: Tally) -> None:
    """Connect all devices, then let them save for `plan.seconds`. Raises CannotStart."""
    async with AsyncExitStack() as connections:
        sockets = [await _connect(plan, connections) for _ in range(plan.devices)]
        start = asyncio.get_running_loop().time()
        try:
            async with asyncio.TaskGroup() as running:
                for number, socket in enumerate(sockets):
                    running.create_task(
                        _save_on_time(socket, number, start, plan=plan, tally=tally)
                    )
        finally:
            tally.elapsed = asyncio.get_running_loop().time() - start


async def _connect(plan: Simulation, connections: AsyncExitStack) -> ClientConnection:
    try:
        socket = await connections.enter_async_context(connect(plan.url, compression=None))
        answer = await _ask(socket, {"action": "authenticate", "token": plan.token})
    except (OSError, WebSocketException) as error:
        reason = str(error) or NO_ANSWER
        raise CannotStart(f"cannot connect to {plan.url}: {reason}") from None
    if answer is not None:
        raise CannotStart(f"{plan.url} does not take the token: {answer}")
    return socket


async def _save_on_time(
    socket: ClientConnection, number: int, start: float, *, plan: Simulation, tally: Tally
) -> None:
    """Save as device `number`, in turn with the others. What comes too late is left out."""
    clock = asyncio.get_running_loop().time
    turn = number
    while max(due := start + turn / plan.rate, clock()) < start + plan.seconds:
        await asyncio.sleep(due - clock())
        sent = clock()
        try:
            error = await _ask(socket, _save(number))
        except (ConnectionClosed, TimeoutError) as lost:
            tally.errors[str(lost) or NO_ANSWER] += 1
            return
        if error is None:
            tally.latencies.append(clock() - sent)
        else:
            tally.errors[error] += 1
        tally.on_answer()
        turn += plan.devices


async def _ask(socket: ClientConnection, request: dict[str, object]) -> str | None:
    """Send a request and wait for its answer; returns what the server refused it with."""
    async with asyncio.timeout(ANSWER_SECONDS):
        await socket.send(msgspec.json.encode(request).decode())
        answer = msgspec.json.decode(await socket.recv())
    return None if answer["status"] == "success" else str(answer["error"])


def _save(number: int) -> dict[str, object]:
    data = {"temperature": round(random.gauss(20, 2), 2)}
    device = {"name": f"Simulated device {number}", "data": data}
    return {"action": "device/save", "deviceId": f"simulated-{number}", "device": device}
