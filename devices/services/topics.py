"""Names of topics, by which subscriptions find events (6.3)."""

from devicehive.events.event import EVERYTHING


def device_topic(id_: str, generation: int) -> str:
    """The topic of one device; a later device with the same id has another topic (6.6)."""
    return f"device:{id_}/{generation}"


def network_topic(id_: int) -> str:
    return f"network:{id_}"


def device_type_topic(id_: int) -> str:
    return f"type:{id_}"


def command_topic(device_id: str, generation: int, number: int) -> str:
    """The topic of the updates of one command."""
    return f"command:{device_id}/{generation}/{number}"


def topics_at(network_id: int, device_type_id: int, *, device: str) -> frozenset[str]:
    """The topics of an event of a device in this network and of this type; `device` is its own
    topic."""
    return frozenset(
        {EVERYTHING, device, network_topic(network_id), device_type_topic(device_type_id)}
    )
