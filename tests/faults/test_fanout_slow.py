"""Subscribers that do not read slow down nobody else; those that read get everything."""

import re
from contextlib import suppress

import pytest

from devicehive.protocol.sending import TOO_SLOW
from devices.models import User
from tests.faults.raw_socket import CLOSE, raw_socket
from tests.faults.telling import assert_heard, listening, telling
from tests.server import Server, StartServer

BURST = 10_000
HALF_MIB = 1 << 19


@pytest.mark.soak
async def test_only_who_never_reads_is_dropped(start_server: StartServer) -> None:
    server = start_server(UNSENT_SECONDS="1")
    with raw_socket(server, "bob") as deaf:
        deaf.ask("notification/subscribe")
        async with listening([server] * 200) as listeners:
            async with telling([server], padding=5_000) as tellers:
                # Twice what the system and the server keep for the deaf one.
                await listeners[0].hears(300)
            await assert_heard(listeners, tellers)
        assert deaf.is_dropped()
    assert len(re.findall('dropped .*why="it left [0-9]+ bytes unread"', server.log)) == 1


@pytest.mark.soak
async def test_a_burst_reaches_who_reads(server: Server) -> None:
    async with listening([server]) as listeners:
        async with telling([server] * 5) as tellers:
            await listeners[0].hears(BURST)
        await assert_heard(listeners, tellers)


def test_who_reads_too_slowly_is_closed(start_server: StartServer) -> None:
    """In time it might take everything; but not all of that is kept for it."""
    server = start_server(UNSENT_SECONDS="60")
    device = server.connect("bob")
    device.ask("device/save", deviceId="loud", device={"name": "Loud"})
    notification = {"notification": "noise", "parameters": {"noise": "x" * HALF_MIB}}
    with raw_socket(server, "bob") as slow:
        slow.ask("notification/subscribe")
        for _ in range(50):
            device.ask("notification/insert", deviceId="loud", notification=notification)
        assert slow.is_dropped()
    assert TOO_SLOW in server.log


def test_nothing_follows_the_close_frame_of_a_client_that_lost_its_rights(
    start_server: StartServer,
) -> None:
    """What it has yet to be told is thrown away (RFC 6455, 5.5.1)."""
    server = start_server(AUTHENTICATE_SECONDS="1", MAX_UNSENT_BYTES="65536")
    admin, device = server.connect("alice"), server.connect("bob")
    device.ask("device/save", deviceId="loud", device={"name": "Loud"})
    notification = {"notification": "noise", "parameters": {"noise": "x" * HALF_MIB}}
    bob = device.ask("user/getCurrent")["current"]["id"]
    with raw_socket(server, "bob") as slow:
        slow.ask("notification/subscribe")
        for _ in range(20):
            device.ask("notification/insert", deviceId="loud", notification=notification)
        admin.ask("user/update", userId=bob, user={"status": User.Status.DISABLED})
        while server.log.count("Authenticate in time") < 2:
            admin.ask("server/info")  # which takes a moment
        while slow.read()[0] != CLOSE:
            pass
        with suppress(ConnectionResetError):  # It has not answered the close frame.
            assert slow.stream.read(1) == b""
