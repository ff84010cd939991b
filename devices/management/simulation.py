"""Simulated devices: clients that save at a steady rate."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from websockets.exceptions import ConnectionClosed, WebSocketException

from devices.management.simulated_devices import SimulatedDevice, State

ANSWER_SECONDS = 10
"""How long a device waits for an answer before it gives up."""
NO_ANSWER = f"no answer within {ANSWER_SECONDS} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    kind: type[SimulatedDevice]
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
        """Milliseconds within which this share of the saves was answered."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


class CannotStart(Exception):  # noqa: N818  # what happened, as Refused is
    """The server is not there, or does not take the token."""


async def simulate(plan: Simulation, tally: Tally) -> None:
    """Connect all devices, then let them save for `plan.seconds`. Raises CannotStart."""
    async with AsyncExitStack() as connections:
        devices = [await _connect(plan, connections) for _ in range(plan.devices)]
        start = asyncio.get_running_loop().time()
        try:
            async with asyncio.TaskGroup() as running:
                for number, device in enumerate(devices):
                    running.create_task(
                        _save_on_time(device, number, start, plan=plan, tally=tally)
                    )
        finally:
            tally.elapsed = asyncio.get_running_loop().time() - start


async def _connect(plan: Simulation, connections: AsyncExitStack) -> SimulatedDevice:
    try:
        device = await plan.kind.connect(plan.url, plan.token, connections)
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await device.authenticate()
    except (OSError, WebSocketException, asyncio.IncompleteReadError) as error:
        reason = str(error) or NO_ANSWER
        raise CannotStart(f"cannot connect to {plan.url}: {reason}") from None
    if answer is not None:
        raise CannotStart(f"{plan.url} does not take the token: {answer}")
    return device


async def _save_on_time(
    device: SimulatedDevice, number: int, start: float, *, plan: Simulation, tally: Tally
) -> None:
    """Save as device `number`, in turn with the others. Saves that would be late are skipped."""
    clock = asyncio.get_running_loop().time
    turn = number
    while max(due := start + turn / plan.rate, clock()) < start + plan.seconds:
        await asyncio.sleep(due - clock())
        sent = clock()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                error = await device.save(f"simulated-{number}", _state(number))
        except (ConnectionClosed, OSError, asyncio.IncompleteReadError) as lost:
            tally.errors[str(lost) or NO_ANSWER] += 1
            return
        if error is None:
            tally.latencies.append(clock() - sent)
        else:
            tally.errors[error] += 1
        tally.on_answer()
        turn += plan.devices


def _state(number: int) -> State:
    data = {"temperature": round(random.gauss(20, 2), 2)}
    return {"name": f"Simulated device {number}", "data": data}
