"""tests/workers.py: a whole run is judged by what all its processes saw, a partial run is not."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CONFTEST = 'pytest_plugins = ["tests.workers"]'
SEE = """
from tests import exchanges

def test_{name}():
    exchanges.note(None, "{{}}", {{"action": "{name}"}})
"""
JUDGE = """
import pytest
from tests import exchanges
from tests.workers import is_whole

def test_judge(request):
    if not request.config.stash[is_whole]:
        pytest.skip("partial")
    assert {each.action for each in exchanges.noted} == {"light", "sound"}
"""
DIE = "import os\n\ndef test_die():\n    os._exit(3)\n"
DIFFER = """
import os
import pytest

@pytest.mark.parametrize("process", [os.getpid()])
def test_differ(process):
    pass
"""
INTERRUPT = """
import signal
import subprocess

def test_interrupt():
    with subprocess.Popen(["sleep", "60"]) as process:
        process.send_signal(signal.SIGINT)
    assert process.returncode == -signal.SIGINT
"""

in_parallel_or_not = pytest.mark.parametrize("processes", ["0", "2"])


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A small suite that is brought together and judged as this one is."""
    folder = tmp_path / "tests"
    folder.mkdir()
    for name in ("__init__.py", "exchanges.py", "workers.py"):
        shutil.copy(HERE / name, folder)
    write(folder / "conftest.py", CONFTEST)
    write(folder / "handlers" / "test_light.py", SEE.format(name="light"))
    write(folder / "protocol" / "test_sound.py", SEE.format(name="sound"))
    write(folder / "test_registry.py", JUDGE)
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def run(
    suite: Path, *arguments: str, processes: str = "2", before: str = ""
) -> tuple[int, list[str]]:
    """Exit status, and the lines that sum up, without the time."""
    command = (sys.executable, "-m", "pytest", "-p", "xdist", "-n", processes, *arguments)
    ended = subprocess.run(
        ["sh", "-c", f'{before} exec "$@"', "sh", *command],
        cwd=suite.parent,
        env={"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = re.findall(
        r"^[=!]+ (.*(?:passed|died|error).*?)(?: in .*| !+)$", ended.stdout, re.MULTILINE
    )
    return ended.returncode, lines


@in_parallel_or_not
def test_a_whole_run_is_judged(suite: Path, processes: str) -> None:
    assert run(suite, processes=processes) == (0, ["3 passed"])


@in_parallel_or_not
def test_a_whole_run_that_lacks_an_answer_fails(suite: Path, processes: str) -> None:
    write(suite / "protocol" / "test_sound.py", "def test_sound():\n    pass\n")
    assert run(suite, processes=processes) == (1, ["1 failed, 2 passed"])


@pytest.mark.parametrize(
    ("processes", "arguments", "result"),
    [
        ("2", ["tests/protocol"], "1 passed"),
        ("0", ["tests/handlers", "tests/test_registry.py"], "1 passed, 1 skipped"),
        ("2", ["-k", "light or judge"], "1 passed, 1 skipped"),
    ],
)
def test_a_part_is_not_judged(
    suite: Path, processes: str, arguments: list[str], result: str
) -> None:
    assert run(suite, *arguments, processes=processes) == (0, [result])


def test_a_run_in_which_a_process_dies_fails(suite: Path) -> None:
    write(suite / "test_death.py", DIE)
    died = "a process of the run died, and the answers it had seen with it"
    assert run(suite) == (1, [died, "1 failed, 2 passed"])


def test_a_run_that_cannot_begin_says_only_why(suite: Path) -> None:
    """Each process must collect the same tests, and none runs any before."""
    write(suite / "test_alone.py", DIFFER)
    assert run(suite) == (1, ["1 error"])


def test_what_tests_start_can_be_interrupted_though_they_cannot(suite: Path) -> None:
    write(suite / "test_interrupt.py", INTERRUPT)
    assert run(suite, before="trap '' INT;") == (0, ["4 passed"])
