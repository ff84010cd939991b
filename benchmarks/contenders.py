"""The servers that are compared, and how each is set up and started."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.databases import VENDORS
from benchmarks.load import Asker, Saver, Target
from benchmarks.rest import Putter

SECRET = "YmVuY2htYXJrIHNlY3JldCBvZiB0aGlydHktdHdvIGJ5dGVz"
PYTHON = sys.executable
MIGRATE = [PYTHON, "manage.py", "migrate", "--verbosity", "0"]
OURS = {"DJANGO_SETTINGS_MODULE": "devicehive.settings"}
NAIVE = {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.naive.settings"}
VIEWSET = {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.viewset.settings"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    name: str
    title: str
    serve: list[str]
    """Command line; PORT in it stands for the port."""
    prepare: tuple[list[str], ...]
    """Run one after the other on an empty database. The last one's output is a token, if any."""
    environment: dict[str, str]
    table: str | None
    """Where it stores devices."""
    stores_notifications: bool = False
    action: str = "device/save"
    saver: Callable[[Target, Iterator[str]], Asker] = Saver
    """What saves there before anything is measured."""
    databases: tuple[str, ...] = VENDORS
    needs_redis: bool = False


CONTENDERS = (
    Contender(
        name="server",
        title="this server",
        serve=[PYTHON, "manage.py", "serve", "--port", "PORT"],
        prepare=(MIGRATE, [PYTHON, "-m", "benchmarks.peers.account"]),
        environment=OURS,
        table="devices_device",
        stores_notifications=True,
    ),
    Contender(
        name="redis",
        title="this server, alone with REDIS_URL",
        serve=[PYTHON, "manage.py", "serve", "--port", "PORT"],
        prepare=(MIGRATE, [PYTHON, "-m", "benchmarks.peers.account"]),
        environment=OURS | {"REDIS_URL": os.environ.get("REDIS_URL", "")},
        table="devices_device",
        stores_notifications=True,
        needs_redis=True,
    ),
    Contender(
        name="echo",
        title="(a) its own echo",
        serve=[PYTHON, "-m", "benchmarks.peers.echo", "PORT"],
        prepare=(MIGRATE, [PYTHON, "-m", "benchmarks.peers.account"]),
        environment=OURS,
        table=None,
        action="benchmark/echo",
    ),
    Contender(
        name="naive",
        title="(b) update_or_create",
        serve=[
            *(PYTHON, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", "PORT"),
            "benchmarks.peers.naive.asgi:application",
        ],
        prepare=([PYTHON, "-m", "benchmarks.peers.naive.prepare"],),
        environment=NAIVE,
        table="naive_device",
    ),
    Contender(
        name="plain",
        title="(c) websockets + asyncpg",
        serve=[PYTHON, "-m", "benchmarks.peers.plain", "PORT"],
        prepare=(MIGRATE,),
        environment=OURS,
        table="devices_device",
        databases=("PostgreSQL",),
    ),
    Contender(
        name="viewset",
        title="(d) DRF ModelViewSet",
        serve=[
            *(PYTHON, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"),
            *("--host", "127.0.0.1", "--port", "PORT", "--log-level", "warning"),
            *("--workers", "1", "--blocking-threads", "2"),
            "benchmarks.peers.viewset.wsgi:application",
        ],
        prepare=([PYTHON, "-m", "benchmarks.peers.naive.prepare"],),
        environment=VIEWSET,
        table="naive_device",
        saver=Putter,
    ),
)
