"""The actions, one module a resource; importing this package fills the registry."""

from devices.handlers import device, server, token

__all__ = ["device", "server", "token"]
