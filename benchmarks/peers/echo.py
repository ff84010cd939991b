"""This server's own echo: its daphne, its consumer, its token, its decoding of a save; no save.

Run as `python -m benchmarks.peers.echo PORT`. What remains of a save's cost beside this one is
the database and the group commit in front of it.
"""

import sys

from devicehive.asgi import application  # first: it loads the apps

from devicehive.actions import Caller, Runs, action  # isort: skip
from devicehive.permissions import Permission  # isort: skip
from devicehive.processes import listen  # isort: skip
from devicehive.server import DeviceServer  # isort: skip
from devices.handlers import device  # isort: skip


@action("benchmark/echo", needs=Permission.REGISTER_DEVICE, runs=Runs.INLINE)
def echo(caller: Caller, params: device.Save) -> None:
    device.save(caller, params)


if __name__ == "__main__":
    descriptor = listen("127.0.0.1", int(sys.argv[1])).detach()
    DeviceServer(application, endpoint=f"fd:fileno={descriptor}").run()
