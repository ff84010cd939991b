"""Handlers of events for the server itself."""

from devicehive.events.hub import hub
from devices.services import open_connections
from devices.services.access_events import ACCESS_CHANGED

hub.watch(ACCESS_CHANGED, open_connections.follow_access_change)
