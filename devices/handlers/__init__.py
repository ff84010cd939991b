"""The actions, one module a resource; importing this package fills the registry."""

from devices.handlers import (
    cluster,
    command,
    configuration,
    device,
    devicetype,
    network,
    notification,
    server,
    subscription,
    token,
    user,
    user_access,
)

__all__ = [
    "cluster",
    "command",
    "configuration",
    "device",
    "devicetype",
    "network",
    "notification",
    "server",
    "subscription",
    "token",
    "user",
    "user_access",
]
