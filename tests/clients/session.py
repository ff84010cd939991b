"""A program of someone who uses DeviceHive's Python client: statements on stdin, with an `api`.

It disconnects at their end, unless they define what is to be called with a command or a
notification that is pushed: then these have to disconnect.

Its own process, because that client's package has the same name as the server's.
"""

import json
import sys
from typing import Any

from devicehive import DeviceHive, Handler

url, options = sys.argv[1:]
statements = sys.stdin.read()


def show(*values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")


class Session(Handler):
    def handle_connect(self) -> None:
        self.names = {"api": self.api, "show": show}
        exec(statements, self.names)
        if not self.names.keys() & {"command_inserted", "command_updated", "notified"}:
            self.api.disconnect()

    def handle_command_insert(self, command: Any) -> None:
        self.names["command_inserted"](command)

    def handle_command_update(self, command: Any) -> None:
        self.names["command_updated"](command)

    def handle_notification(self, notification: Any) -> None:
        self.names["notified"](notification)


# Without them its loops would take a core while they wait.
SLEEP_TIMES = {
    "ws": {"event_queue_sleep_time": 0.01, "response_sleep_time": 0.001},
    "http": {"events_queue_sleep_time": 0.01},
}
scheme = url.partition(":")[0]
DeviceHive(Session).connect(
    url, transport_alive_sleep_time=0.01, **SLEEP_TIMES[scheme], **json.loads(options)
)
