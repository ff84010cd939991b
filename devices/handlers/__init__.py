"""The actions, one module a resource; importing this package fills the registry.

The sections below are in the order of the documents. A test finds a module that is in none.
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

__all__ = ["polling"]  # Has no section: its polls are documented with commands and notifications.

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
