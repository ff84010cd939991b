"""The records: the registry, and the messages between clients and devices."""

from devices.models.messages import Command, Notification
from devices.models.registry import (
    DEVICE_ID_CHARACTERS,
    DEVICE_ID_PATTERN,
    LOGIN_CHARACTERS,
    LOGIN_PATTERN,
    LONGEST_CONFIGURATION_NAME,
    LONGEST_CONFIGURATION_VALUE,
    LONGEST_DESCRIPTION,
    LONGEST_DEVICE_ID,
    LONGEST_LOGIN,
    LONGEST_NAME,
    SHORTEST_LOGIN,
    Configuration,
    Device,
    DeviceType,
    Network,
    User,
    new_generation,
)

__all__ = [
    "DEVICE_ID_CHARACTERS",
    "DEVICE_ID_PATTERN",
    "LOGIN_CHARACTERS",
    "LOGIN_PATTERN",
    "LONGEST_CONFIGURATION_NAME",
    "LONGEST_CONFIGURATION_VALUE",
    "LONGEST_DESCRIPTION",
    "LONGEST_DEVICE_ID",
    "LONGEST_LOGIN",
    "LONGEST_NAME",
    "SHORTEST_LOGIN",
    "Command",
    "Configuration",
    "Device",
    "DeviceType",
    "Network",
    "Notification",
    "User",
    "new_generation",
]
