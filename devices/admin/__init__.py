"""Django's admin for the registry, on top of the same services as the protocol."""

from devices.admin import (  # noqa: F401  # they register themselves
    configuration,
    devices,
    groups,
    issued_tokens,
    log_in,
    users,
)
