"""tests/prepared.py: a command that is forked is like one that a user starts."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.prepared import prepared
from tests.server import Database, Server, StartServer, manage, open_files, run_manage, stderr_of

STARTED_ANEW = {"PYTHONHASHSEED": "random"}
"""What is said to Python, Python must be started with; and this is what it does anyway."""


def signals(server: Server) -> dict[str, str]:
    """Those that it handles, ignores or keeps waiting."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return dict(re.findall(r"^(Sig(?:Cgt|Ign|Blk)):\s+(\S+)$", status, re.MULTILINE))


def kinds_of_files(server: Server) -> set[str]:
    """What it has open, without the folder that is its own and without numbers: how many depends on
    how long it has run."""
    found = [file.replace(str(server.folder), "") for file in open_files(server.process.pid)]
    return {re.sub(r"\d+", "", file) for file in found}


def shared_with_preparation(server: Server) -> set[str]:
    """What it has in common with the process from which commands are forked."""
    shared = {*open_files(server.process.pid)} & {*open_files(prepared().process.pid)}
    return {file for file in shared if file.startswith(("socket:", "pipe:"))}


def test_a_server_has_the_signals_and_the_files_of_one_that_is_started(
    start_server: StartServer,
) -> None:
    forked, started = start_server(), start_server(**STARTED_ANEW)
    assert isinstance(started.process, subprocess.Popen)
    for server in (forked, started):
        server.connect("bob")
    assert signals(forked) == signals(started)
    assert kinds_of_files(forked) == kinds_of_files(started)
    assert shared_with_preparation(forked) == shared_with_preparation(started)


def test_a_command_has_the_environment_of_one_that_is_started(tmp_path: Path) -> None:
    tell = "import os; print(sorted({**os.environ, 'PYTHONHASHSEED': ''}.items()))"
    script = ("shell", "--no-imports", "--command", tell)
    forked = run_manage(*script, folder=tmp_path, BATCH_SIZE="7")
    assert forked == run_manage(*script, folder=tmp_path, BATCH_SIZE="7", **STARTED_ANEW)
    assert "('BATCH_SIZE', '7')" in forked[1]


@pytest.mark.parametrize("code", [0, 3])
def test_its_exit_status_is_told(tmp_path: Path, code: int) -> None:
    script = ("shell", "--no-imports", "--command", f"raise SystemExit({code})")
    assert run_manage(*script, folder=tmp_path) == (code, "", "")


def test_so_is_the_signal_that_ended_it(start_server: StartServer) -> None:
    server = start_server()
    server.kill()
    assert server.process.returncode == -signal.SIGKILL


def test_who_waits_for_it_in_vain_is_told(migrated: Database, tmp_path: Path) -> None:
    process = manage("serve", "--port", "0", folder=tmp_path, DATABASE_URL=migrated.url)
    with process:
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0)
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGTERM), stderr_of(tmp_path)
