"""The actions, one module a resource; importing this package fills the registry.

What follows is the order of the documents. A test finds a module that is in no section.
"""

from devicehive.documents.sections import section
from devices.handlers import (
    cluster,
    command,
    configuration,
    device,
    devicetype,
    network,
    notification,
    polling,
    presence,
    rest,
    server,
    subscription,
    token,
    user,
    user_access,
)

__all__ = ["polling"]  # In no section of its own: its polls are of commands and notifications.

section("Devices", device)
section("Commands", command)
section("Notifications", notification)
section("Presence", presence)
section("Subscriptions", subscription)
section("Networks", network)
section("Device types", devicetype)
section("Users", user, user_access)
section("Tokens", token)
section("Configuration", configuration)
section("Server", server, cluster, rest)
