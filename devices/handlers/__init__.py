"""The actions, one module a resource; importing this package fills the registry."""

from devices.handlers import (
    cluster,
    configuration,
    device,
    devicetype,
    network,
    server,
    token,
    user,
    user_access,
)

__all__ = [
    "cluster",
    "configuration",
    "device",
    "devicetype",
    "network",
    "server",
    "token",
    "user",
    "user_access",
]
