"""manage.py simulate, against a live server."""

import re
import signal

import pytest
from django.core.management import CommandError

from tests.commands import run
from tests.server import SECONDS, Server, StartServer, manage

SUMMARY = r"(\d+) saves in [\d.]+ s \([\d.]+/s\), 0 errors; p50 [\d.]+ ms, p99 [\d.]+ ms\n"


def simulate(server: Server, *arguments: str, token: str | None = None) -> str:
    """Run the command as alice, or with another token."""
    access = ("--url", server.url, "--token", token or server.database.access["alice"])
    return run("simulate", *access, *arguments)


def test_devices_register_and_save(server: Server) -> None:
    printed = simulate(server, "--devices", "3", "--rate", "30", "--seconds", "0.5")
    found = re.fullmatch(SUMMARY, printed)
    assert found, printed
    assert 1 <= int(found[1]) <= 15
    device = server.connect("alice").ask("device/get", deviceId="simulated-0")["device"]
    assert (device["name"], list(device["data"])) == ("Simulated device 0", ["temperature"])


def test_devices_save_over_rest(server: Server) -> None:
    printed = simulate(server, "--rest", "--devices", "3", "--rate", "30", "--seconds", "0.5")
    assert re.fullmatch(SUMMARY, printed), printed
    device = server.connect("alice").ask("device/get", deviceId="simulated-2")["device"]
    assert (device["name"], list(device["data"])) == ("Simulated device 2", ["temperature"])


def test_refusals_over_rest_are_counted_and_fail_the_command(server: Server) -> None:
    charlie = server.database.access["charlie"]
    arguments = ("--rest", "--devices", "2", "--rate", "100", "--seconds", "0.02")
    with pytest.raises(CommandError, match=r"^2 x No access to "):
        simulate(server, *arguments, token=charlie)
    with pytest.raises(CommandError, match="does not take the token: Unauthorized"):
        simulate(server, "--rest", token="nonsense")


def test_refusals_are_counted_and_fail_the_command(server: Server) -> None:
    charlie = server.database.access["charlie"]
    with pytest.raises(CommandError, match=r"^2 x No access to "):
        simulate(server, "--devices", "2", "--rate", "100", "--seconds", "0.02", token=charlie)


def test_a_token_that_is_not_taken(server: Server) -> None:
    with pytest.raises(CommandError, match="does not take the token: Invalid credentials"):
        simulate(server, token="nonsense")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(CommandError, match=r"cannot connect to ws://127\.0\.0\.1:9/: "):
        run("simulate", "--url", "ws://127.0.0.1:9/", "--token", "any")
    with pytest.raises(CommandError, match=r"cannot connect to http://127\.0\.0\.1:9/rest: "):
        run("simulate", "--rest", "--url", "ws://127.0.0.1:9", "--token", "any")


@pytest.mark.parametrize("arguments", [("--rate", "0"), ("--devices", "0"), ("--seconds", "nan")])
def test_nonsense_is_refused(arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=f"argument {arguments[0]}: not"):
        run("simulate", *arguments)


def test_control_c_ends_it_with_its_summary(start_server: StartServer) -> None:
    server = start_server()
    arguments = ("simulate", "--url", server.url, "--devices", "1", "--seconds", "600")
    with manage(*arguments, folder=server.folder, DATABASE_URL=server.database.url) as process:
        watching = server.connect("alice")
        # Its first save is the sign that it runs.
        while watching.ask("device/get", deviceId="simulated-0")["status"] == "error":
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert " saves in " in output
