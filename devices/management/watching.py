"""Receive the events of a running server over its WebSocket, across reconnects."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from devicehive.protocol.shapes import NULL

SUBSCRIBE_SECONDS = 10
RECONNECT_SECONDS = 1
MOST_REPLAYED = 100
"""The most events that a subscription replays: fixed for notifications, requested for commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    url: str
    token: Callable[[], str]
    """Called for each connection, because the last token may have expired."""
    subscriptions: Sequence[Mapping[str, Any]]
    """The requests to subscribe."""
    since: str | None
    """First show events stored since this timestamp."""
    on_push: Callable[["Received", bytes], None]
    """Called with each push, decoded and raw."""
    on_note: Callable[[str], None]
    """Called when the connection is lost, and when it is back."""


class CannotWatch(Exception):  # noqa: N818  # what happened, as Refused is
    """The server is not there, does not take the token, or refuses a subscription."""


class Received(msgspec.Struct, rename="camel"):
    """An answer or a push."""

    action: str
    status: str | None = None
    error: str | None = None
    info: dict[str, str] = {}
    subscription_id: int | None = None
    command: msgspec.Raw = NULL
    notification: msgspec.Raw = NULL

    @property
    def event(self) -> bytes:
        return bytes(self.command if self.notification == NULL else self.notification)


class Stamp(msgspec.Struct):
    timestamp: str


_decode_frame = msgspec.json.Decoder(Received).decode
_decode_stamp = msgspec.json.Decoder(Stamp).decode


@dataclass(slots=True)
class Stream:
    """The events of one request to subscribe, across connections."""

    request: Mapping[str, Any]
    since: str
    """The latest timestamp of its events; the next connection replays from there."""
    shown: dict[bytes, str] = field(default_factory=dict)
    """Its events since then, with their timestamps."""
    replayed: list[str] = field(default_factory=list)
    """The timestamps of the events received since the last request."""

    def is_new(self, event: bytes) -> bool:
        timestamp = _decode_stamp(event).timestamp
        self.replayed.append(timestamp)
        is_new = event not in self.shown
        self.shown[event] = timestamp
        return is_new

    def forget(self) -> None:
        """Drop events that no later replay can contain."""
        self.since = max([self.since, *self.shown.values()])
        self.shown = {event: at for event, at in self.shown.items() if at == self.since}
        self.replayed.clear()


async def watch(plan: Watch) -> None:
    """Watch until cancelled. Raises CannotWatch."""
    streams: list[Stream] = []
    is_lost = False
    while True:
        try:
            async with connect(plan.url, compression=None, max_size=None) as socket:
                connection = Watcher(plan, socket)
                await connection.authenticate()
                if is_lost:  # Say so before any of its events is shown.
                    plan.on_note("connected again")
                is_lost = False
                await connection.subscribe(streams)
                await connection.listen()
        except (OSError, WebSocketException) as error:
            reason = str(error) or f"no answer within {SUBSCRIBE_SECONDS} s"
            if not streams:
                raise CannotWatch(f"cannot connect to {plan.url}: {reason}") from None
            if not is_lost:
                plan.on_note(f"connection lost: {reason}; trying again until Ctrl-C")
            is_lost = True
        await asyncio.sleep(RECONNECT_SECONDS)


class Watcher:
    def __init__(self, plan: Watch, socket: ClientConnection) -> None:
        self.plan = plan
        self.socket = socket
        self.streams: dict[int | None, Stream] = {}
        """By the id of the subscription."""

    async def authenticate(self) -> None:
        """Raises CannotWatch."""
        await self.ask({"action": "authenticate", "token": self.plan.token()})

    async def subscribe(self, streams: list[Stream]) -> None:
        """Continue or begin `streams`. Raises CannotWatch."""
        if not streams:
            server = await self.ask({"action": "server/info"})
            since = self.plan.since or server.info["serverTimestamp"]
            streams.extend(Stream(request, since) for request in self.plan.subscriptions)
        for stream in streams:
            await self.follow(stream)

    async def follow(self, stream: Stream) -> None:
        """Subscribe, and again from the end of the replay as long as replays are full."""
        since, before = stream.since, None
        while since:
            subscription_id = await self.replay(stream, since)
            if before is not None:
                action = str(stream.request["action"]).replace("subscribe", "unsubscribe")
                await self.ask({"action": action, "subscriptionId": before})
            before = subscription_id
            last = stream.replayed[MOST_REPLAYED - 1 : MOST_REPLAYED]
            since = last[0] if last and last[0] > since else ""
        stream.forget()

    async def replay(self, stream: Stream, since: str) -> int | None:
        """Subscribe and show the replay; returns the id of the subscription."""
        stream.replayed.clear()
        answer = await self.ask({**stream.request, "timestamp": since})
        self.streams[answer.subscription_id] = stream
        # The answer to this comes after the replay, so the replay is complete.
        await self.ask({"action": "server/info"})
        return answer.subscription_id

    async def listen(self) -> None:
        while True:
            self.take(await self.socket.recv(decode=False))
            for stream in self.streams.values():
                stream.forget()

    async def ask(self, request: dict[str, Any]) -> Received:
        """Send a request and wait for its answer. Raises CannotWatch for a refusal."""
        async with asyncio.timeout(SUBSCRIBE_SECONDS):
            await self.socket.send(msgspec.json.encode(request).decode())
            while (frame := self.take(await self.socket.recv(decode=False))).status is None:
                pass
        if frame.status != "success":
            raise CannotWatch(f"{self.plan.url} refuses {request['action']}: {frame.error}")
        return frame

    def take(self, message: bytes) -> Received:
        """Show a frame if it is a push of something new."""
        frame = _decode_frame(message)
        if frame.status is None and self.streams[frame.subscription_id].is_new(frame.event):
            self.plan.on_push(frame, message)
        return frame
