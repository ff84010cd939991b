"""manage.py watch, against a live server."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError

from devices.models import User
from tests.commands import run
from tests.server import SECONDS, Process, Server, Socket, StartServer, manage, run_manage

ALWAYS = "2026-01-01"
"""A timestamp: what was stored before the command listens is shown too."""


@contextmanager
def watch(server: Server, *arguments: str) -> Iterator[Process]:
    """Run the command as alice, and end it as Ctrl-C does."""
    access = ("--url", server.url, "--since", ALWAYS)
    process = manage(
        *("watch", *access, *arguments), folder=server.folder, DATABASE_URL=server.database.url
    )
    with process:
        try:
            yield process
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=SECONDS) == ("", None)
            assert process.returncode == 0
        finally:
            process.kill()


def lines(process: Process, count: int) -> list[str]:
    assert process.stdout
    return [process.stdout.readline().rstrip("\n") for _ in range(count)]


def without_time(process: Process, count: int) -> list[str]:
    return [line.partition("  ")[2] for line in lines(process, count)]


def notify(socket: Socket, device_id: str, name: str, **parameters: Any) -> dict[str, Any]:
    body = {"notification": name, "parameters": parameters}
    return socket.ask("notification/insert", deviceId=device_id, notification=body)


def save(socket: Socket, device_id: str) -> None:
    socket.ask("device/save", deviceId=device_id, device={"name": "Lamp"})


def test_a_device_tells_and_is_told(server: Server) -> None:
    bob = server.connect("bob")
    save(bob, "watched")
    with watch(server, "--device", "watched", "--commands") as process:
        notify(bob, "watched", "temperature", value=20.5)
        assert without_time(process, 1) == ['notification  watched  temperature  {"value": 20.5}']
        command = bob.ask("command/insert", deviceId="watched", command={"command": "on"})
        assert without_time(process, 1) == ["command       watched  on"]
        answer = {"status": "done", "result": {"n": 1}}
        bob.ask(
            "command/update",
            deviceId="watched",
            commandId=command["command"]["id"],
            command=answer,
        )
        assert without_time(process, 1) == ['update        watched  on  done  {"n": 1}']


def test_names_networks_and_types_limit_what_is_shown(server: Server) -> None:
    bob = server.connect("bob")
    save(bob, "elsewhere")
    server.connect("alice").ask(
        "device/save", deviceId="in-network-1", device={"name": "Lamp", "networkId": 1}
    )
    alice = server.connect("alice")
    notify(bob, "elsewhere", "wanted")
    notify(alice, "in-network-1", "unwanted")
    notify(alice, "in-network-1", "wanted")
    limits = ("--network", "1", "--type", "1", "--name", "wanted", "--name", "other")
    with watch(server, *limits) as process:
        assert without_time(process, 1) == ["notification  in-network-1  wanted  {}"]
        notify(alice, "in-network-1", "other")
        assert without_time(process, 1) == ["notification  in-network-1  other  {}"]


def test_frames_as_they_come(server: Server) -> None:
    bob = server.connect("bob")
    save(bob, "framed")
    inserted = notify(bob, "framed", "n", text="a\nb")["notification"]
    notify(bob, "framed", "clears a terminal: \u009b2J")
    with watch(server, "--device", "framed", "--json") as process:
        frame, clearing = lines(process, 2)
    assert json.loads(frame)["action"] == "notification/insert"
    assert json.loads(frame)["notification"]["id"] == inserted["id"]
    assert r'"clears a terminal: \u009b2J"' in clearing


def test_more_than_one_replay_contains(server: Server) -> None:
    bob = server.connect("bob")
    save(bob, "talkative")
    for number in range(250):
        notify(bob, "talkative", f"n{number}")
    with watch(server, "--device", "talkative") as process:
        shown = without_time(process, 250)
    assert shown == [f"notification  talkative  n{number}  {{}}" for number in range(250)]


def test_a_lost_connection_is_made_again_and_nothing_missed_or_repeated(
    start_server: StartServer,
) -> None:
    server = start_server()
    bob = server.connect("bob")
    save(bob, "lamp")
    with watch(server, "--device", "lamp", "--commands") as process:
        notify(bob, "lamp", "before")
        assert without_time(process, 1) == ["notification  lamp  before  {}"]
        server.kill()
        sent = run_manage(
            *("sendcommand", "lamp", "meanwhile"),
            folder=server.folder,
            DATABASE_URL=server.database.url,
        )
        assert sent[0] == 0, sent
        server.arguments = ("--port", server.address.rpartition(":")[2])
        server.start()
        assert without_time(process, 1) == ["command       lamp  meanwhile"]
        notify(server.connect("bob"), "lamp", "after")
        assert without_time(process, 1) == ["notification  lamp  after  {}"]
    assert "connection lost: " in server.log
    assert "connected again" in server.log


def test_a_device_that_is_not_there(server: Server) -> None:
    token = server.database.access["alice"]
    with pytest.raises(CommandError, match=r"refuses notification/subscribe: Device with such"):
        run("watch", "--url", server.url, "--token", token, "--device", "nothing")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(CommandError, match=r"cannot connect to ws://127\.0\.0\.1:9/: "):
        run("watch", "--url", "ws://127.0.0.1:9/", "--token", "any")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--network", "no such"], "there is no network with the name no such"),
        (
            ["--device", "lamp", "--network", "1"],
            "--device is one device, whatever --network and --type it is of",
        ),
        (
            ["--since", "yesterday"],
            "Error: argument --since: not like 2026-01-31T12:00:00.000: yesterday",
        ),
    ],
)
def test_nonsense_is_refused(alice: User, arguments: list[str], text: str) -> None:
    with pytest.raises(CommandError) as error:
        run("watch", *arguments)
    assert str(error.value) == text
