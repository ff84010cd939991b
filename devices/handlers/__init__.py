"""The actions, one module a resource; importing this package fills the registry."""

from devices.handlers import cluster, configuration, device, server, token

__all__ = ["cluster", "configuration", "device", "server", "token"]
