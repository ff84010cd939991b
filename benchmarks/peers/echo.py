"""Peer (a), this server's own echo: its daphne, consumer, gate and decoding of a save, which
answers success. The difference to this server is the cost of the group commit and the database.

Run as `python -m benchmarks.peers.echo PORT`.
"""

import sys

import devicehive.asgi  # before the rest: it loads the apps
from devicehive.protocol.actions import Caller, Runs, action
from devicehive.protocol.permissions import Permission
from devicehive.serving.processes import bind
from devicehive.serving.server import DeviceServer
from devices.handlers import device


@action("benchmark/echo", needs=Permission.REGISTER_DEVICE, runs=Runs.INLINE)
def echo(caller: Caller, params: device.Save) -> None:
    device.save(caller, params)


if __name__ == "__main__":
    (listening,) = bind("127.0.0.1", int(sys.argv[1]), 1)
    DeviceServer(devicehive.asgi.router, listening=listening).run()
