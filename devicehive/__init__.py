"""The DeviceHive WebSocket protocol, as a Django project."""

API_VERSION = "4.1.0"
"""The version of the reference server whose protocol this is."""
