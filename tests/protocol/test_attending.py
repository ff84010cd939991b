"""A server's background work goes on after an unexpected error."""

import asyncio
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from devicehive.serving import pruning
from devicehive.serving.attending import Attending

outcomes: Iterator[int]


def keep() -> Iterator[None]:
    """Stands in for `settings.KEEP_PRESENCE`."""
    prune()
    yield


def prune() -> int:
    """Stands in for `settings.PRUNE`: fails the first time, ends at the third."""
    number = next(outcomes)
    assert number != 1, "as an app of one's own may"
    if number == 3:
        raise asyncio.CancelledError
    return 0


@pytest.fixture(autouse=True)
def three_times(settings: Settings) -> None:
    global outcomes
    outcomes = iter([1, 2, 3])
    settings.PRESENCE_SECONDS = settings.PRUNE_SECONDS = 0.001
    settings.KEEP_PRESENCE, settings.PRUNE = f"{__name__}.keep", f"{__name__}.prune"


async def test_presence_is_written_after_an_error(caplog: pytest.LogCaptureFixture) -> None:
    attending = Attending()
    with pytest.raises(asyncio.CancelledError):
        await attending.task
    (line,) = caplog.records
    assert line.message == "the presence of devices is not stored for now"
    assert line.exc_info is not None


async def test_old_messages_are_deleted_after_an_error(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(asyncio.CancelledError):
        await pruning.start_pruning()
    (line,) = caplog.records
    assert line.message == "old messages are not deleted for now"
    assert line.exc_info is not None
