"""The channel layer between processes: one group, of which each process is one member."""

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
"""What is raised while Redis is away."""
if settings.REDIS_URL:
    # Here, because to import it takes a fifteenth of a start.
    from redis.exceptions import RedisError

    AWAY += (RedisError,)

decode_events = msgspec.json.Decoder(list[Event]).decode


def is_shared() -> bool:
    """Whether other processes can be reached by the channel layer."""
    return not isinstance(get_channel_layer(), InMemoryChannelLayer)


def group_name() -> str:
    """The group of this installation: Redis carries messages to all who use it, whatever the
    number of their database there."""
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
    """Send one message to all processes, this one included: events, the actions whose events the
    sender itself wants, and those whose events it has sent, here, since its last message. Raises
    one of AWAY."""
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
    """Become a member of the group; the channel to `receive` from. Raises one of AWAY."""
    layer = get_channel_layer()
    channel: str = await layer.new_channel()
    await layer.group_add(group_name(), channel)
    return channel


async def receive(channel: str) -> dict[str, Any]:
    """The next message, whenever it comes."""
    message: dict[str, Any] = await get_channel_layer().receive(channel)
    return message


async def leave() -> None:
    """Close every connection of the layer, and empty its channels."""
    await get_channel_layer().flush()
