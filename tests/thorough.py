"""What only a thorough run does, with THOROUGH in the environment, as in continuous integration.

Another tries a quarter of the random examples, forks what it starts (tests/prepared.py), and of the
whole suite leaves out the tests that are marked `soak`: those of seconds of load. Who names files
gets all of their tests.
"""

import os
from pathlib import Path

import hypothesis
import pytest

IS_THOROUGH = bool(os.environ.get("THOROUGH"))
HERE = Path(__file__).parent


def examples(number: int) -> int:
    """How many to try of `number`. They are the same in each run, and those of a shorter one are
    the first of a longer one."""
    return number if IS_THOROUGH else max(1, number // 4)


# The same examples on every machine, and none timed: a slow one is no failure.
hypothesis.settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, max_examples=examples(100)
)
hypothesis.settings.load_profile("repeatable")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    named = {config.invocation_params.dir / argument for argument in config.args}
    if IS_THOROUGH or named != {HERE}:
        return
    left_out = [item for item in items if item.get_closest_marker("soak")]
    items[:] = [item for item in items if not item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=left_out)
