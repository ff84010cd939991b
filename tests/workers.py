"""What the processes of a parallel run have in common: the answers that each has seen.

`pytest -n` gives each process a share of the tests, so none has seen the answers to all. They are
brought together here, and tests/test_registry.py judges them when every other test is done.
"""

import signal
from collections.abc import Generator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from tests import exchanges

HERE = Path(__file__).parent
JUDGEMENT = HERE / "test_registry.py"
EVIDENCE = {*HERE.glob("handlers/test_*.py"), *HERE.glob("protocol/test_*.py")}
"""The files whose tests send the frames that are judged."""

is_whole = pytest.StashKey[bool]()
"""Whether this run has all the evidence. In the process that starts the others: if they have."""

is_lost = pytest.StashKey[bool]()
"""Whether a process died, and with it a part of the evidence."""


def ignore_interrupts_in_this_process_only() -> None:
    """Let processes that tests start be ended by SIGINT, even if this one was told to ignore it.

    A script's `make test &` starts with SIGINT ignored, and whoever is started inherits that. A
    handler is not inherited.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)


def pytest_configure(config: pytest.Config) -> None:
    ignore_interrupts_in_this_process_only()
    config.stash[is_whole] = config.stash[is_lost] = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the judgement last. It is no share of a parallel run, whose end no process sees."""
    judgement = [item for item in items if item.path == JUDGEMENT]
    others = [item for item in items if item.path != JUDGEMENT]
    if not judgement or not others:
        return
    config.stash[is_whole] = names_all_evidence(config) and not selects_tests(config)
    in_parallel = hasattr(config, "workerinput")
    items[:] = others if in_parallel and config.stash[is_whole] else others + judgement


def names_all_evidence(config: pytest.Config) -> bool:
    named = [config.invocation_params.dir / argument for argument in config.args]
    return all(any(file.is_relative_to(path) for path in named) for file in EVIDENCE)


def selects_tests(config: pytest.Config) -> bool:
    """Whether tests of the files may be left out."""
    options = ("keyword", "markexpr", "deselect", "lf", "ignore", "ignore_glob")
    return any(config.getoption(option, None) for option in options)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what this process has seen, if another has started it."""
    if output := getattr(session.config, "workeroutput", None):
        output["is_whole"] = session.config.stash[is_whole]
        output["exchanges"] = [tuple(exchange) for exchange in exchanges.noted]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object | None) -> None:
    """Take over what another process has seen."""
    output = getattr(node, "workeroutput", {})
    if error is not None or "exchanges" not in output:
        node.config.stash[is_lost] = True
        return
    node.config.stash[is_whole] |= output["is_whole"]
    exchanges.noted.update(exchanges.Exchange(*exchange) for exchange in output["exchanges"])


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Judge after a parallel run of the whole suite, in the process that started the others."""
    result = yield
    started_others = not session.items and not hasattr(session.config, "workerinput")
    if started_others and session.config.stash[is_whole]:
        judge(session)
    return result


def judge(session: pytest.Session) -> None:
    """Run the tests of the judgement, as pytest runs a file."""
    if session.testsfailed and not exchanges.noted:
        return  # Each process collected others: that fails the run, and none has begun.
    if session.config.stash[is_lost]:
        session.shouldfail = "a process of the run died, and the answers it had seen with it"
        raise session.Failed(session.shouldfail)
    session.config.get_terminal_writer().line()
    others = session.testscollected
    items = session.perform_collect([str(JUDGEMENT)])
    session.testscollected += others
    for item, following in zip_longest(items, items[1:]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
