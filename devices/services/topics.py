"""Where subscriptions find an event (6.3): what the topics of devices are called."""

from devicehive.events.event import EVERYTHING


def device_topic(id_: str, generation: int) -> str:
    """The topic of this very device: one saved anew under the same id has another (6.6)."""
    return f"device:{id_}/{generation}"


def network_topic(id_: int) -> str:
    return f"network:{id_}"


def device_type_topic(id_: int) -> str:
    return f"type:{id_}"


def command_topic(device_id: str, generation: int, number: int) -> str:
    """The topic of the updates of one command."""
    return f"command:{device_id}/{generation}/{number}"


def topics_at(network_id: int, device_type_id: int, *, device: str) -> frozenset[str]:
    """The topics of what is told of a device that is there; `device` is its own."""
    return frozenset(
        {EVERYTHING, device, network_topic(network_id), device_type_topic(device_type_id)}
    )
