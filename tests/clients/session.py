"""A program of someone who uses DeviceHive's Python client: statements on stdin, with an `api`.

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
        exec(statements, {"api": self.api, "show": show})
        self.api.disconnect()


# Without the sleep time its loops would take a core while they wait.
DeviceHive(Session).connect(
    url,
    transport_alive_sleep_time=0.01,
    event_queue_sleep_time=0.01,
    response_sleep_time=0.001,
    **json.loads(options),
)
