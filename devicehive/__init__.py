"""The DeviceHive protocol, over WebSockets and REST, as a Django project."""

__version__ = "0.1.0"
"""The version of this server; pyproject.toml and everything that shows it read it here."""

API_VERSION = "4.1.0"
"""The version of the reference server whose protocol this server speaks."""
INTERRUPTED = 130
"""The exit status of a command that was ended by Ctrl-C, as in shells."""
