"""The records: the registry, and the messages between clients and devices."""

from devices.models.access_change import AccessChange
from devices.models.configuration import (
    LONGEST_CONFIGURATION_NAME,
    LONGEST_CONFIGURATION_VALUE,
    Configuration,
)
from devices.models.device import (
    DEVICE_ID_CHARACTERS,
    LONGEST_DEVICE_ID,
    Device,
    new_generation,
)
from devices.models.groups import LONGEST_DESCRIPTION, LONGEST_NAME, DeviceType, Network
from devices.models.issued_token import IssuedToken
from devices.models.messages import Command, Notification
from devices.models.presence import (
    LONGEST_ADDRESS,
    LONGEST_PROCESS_NAME,
    OF_DEVICE,
    Attachment,
    Presence,
    ServerProcess,
    SilenceLimit,
)
from devices.models.server_minute import ServerMinute
from devices.models.user import (
    LOGIN_CHARACTERS,
    LOGIN_PATTERN,
    LONGEST_LOGIN,
    SAMPLE_NETWORK,
    SHORTEST_LOGIN,
    User,
)

__all__ = [
    "DEVICE_ID_CHARACTERS",
    "LOGIN_CHARACTERS",
    "LOGIN_PATTERN",
    "LONGEST_ADDRESS",
    "LONGEST_CONFIGURATION_NAME",
    "LONGEST_CONFIGURATION_VALUE",
    "LONGEST_DESCRIPTION",
    "LONGEST_DEVICE_ID",
    "LONGEST_LOGIN",
    "LONGEST_NAME",
    "LONGEST_PROCESS_NAME",
    "OF_DEVICE",
    "SAMPLE_NETWORK",
    "SHORTEST_LOGIN",
    "AccessChange",
    "Attachment",
    "Command",
    "Configuration",
    "Device",
    "DeviceType",
    "IssuedToken",
    "Network",
    "Notification",
    "Presence",
    "ServerMinute",
    "ServerProcess",
    "SilenceLimit",
    "User",
    "new_generation",
]
