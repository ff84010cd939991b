"""Messages between processes through the channel layer: all processes are members of one group."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings

from devicehive.events.event import Event
from devicehive.protocol.timestamps import now

AWAY: tuple[type[Exception], ...] = (OSError,)
"""The exceptions that are raised while Redis is away."""
if settings.REDIS_URL:
    # Not at the top, because this import takes a fifteenth of the time of a start.
    from redis.exceptions import RedisError

    AWAY += (RedisError,)

decode_events = msgspec.json.Decoder(list[Event]).decode


def is_shared() -> bool:
    """Whether the channel layer reaches other processes."""
    return not isinstance(get_channel_layer(), InMemoryChannelLayer)


def group_name() -> str:
    """The name of this installation's group. It is unique, because Redis delivers messages to all
    its clients, whichever database number they use."""
    installation = f"{settings.DATABASES['default']['NAME']} {urlsplit(settings.REDIS_URL).path}"
    return f"events.{hashlib.sha256(installation.encode()).hexdigest()[:16]}"


async def send(
    sender: int,
    number: int,
    events: Sequence[Event],
    *,
    wanted: Iterable[str] = (),
    sent: Iterable[str] = (),
) -> None:
    """Send one message to all processes, including this one. Raises one of AWAY.

    `wanted` are the actions whose events the sender wants to get. `sent` are the actions of which
    it has sent all events since its last message.
    """
    message = {
        "type": "events",
        "sender": sender,
        "number": number,
        "sent_at": now().timestamp(),
        "wanted": [*wanted],
        "sent": [*sent],
        "events": msgspec.json.encode(events),
    }
    await get_channel_layer().group_send(group_name(), message)


async def join() -> str:
    """Join the group. Returns the channel to `receive` from. Raises one of AWAY."""
    layer = get_channel_layer()
    channel: str = await layer.new_channel()
    await layer.group_add(group_name(), channel)
    return channel


async def receive(channel: str) -> dict[str, Any]:
    """Wait for the next message, without a timeout."""
    message: dict[str, Any] = await get_channel_layer().receive(channel)
    return message


async def leave() -> None:
    """Close all connections of the layer and empty its channels."""
    await get_channel_layer().flush()
