"""The servers that are compared: how each is set up and started."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from benchmarks.databases import VENDORS
from benchmarks.load import Asker, Saver, Target
from benchmarks.rest import Putter

SECRET = "YmVuY2htYXJrIHNlY3JldCBvZiB0aGlydHktdHdvIGJ5dGVz"
PYTHON = sys.executable
MIGRATE = [PYTHON, "manage.py", "migrate", "--verbosity", "0"]
ACCOUNT = [PYTHON, "-m", "benchmarks.peers.account"]
OURS = {"DJANGO_SETTINGS_MODULE": "devicehive.settings"}
VIEWSET = {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.viewset.settings"}
NAIVE = {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.naive.settings"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A server to measure. In its commands and environment, PORT stands for its port and FOLDER for
    its folder."""

    name: str
    title: str
    serve: list[str]
    prepare: tuple[list[str], ...]
    """Commands that run one after the other on an empty database. The last one prints a token, if
    any."""
    environment: dict[str, str]
    table: str | None
    """The table in which it stores devices."""
    stores_notifications: bool = False
    action: str = "device/save"
    saver: Callable[[Target, Iterator[str]], Asker] = Saver
    """The kind of connection that saves all devices before anything is measured."""
    databases: tuple[str, ...] = VENDORS
    needs_redis: bool = False
    is_full: bool = False
    """Whether it has many devices and notifications, instead of a few and none."""
    prunes: bool = False
    """Whether there is always something to prune while it is measured."""


SERVER = Contender(
    name="server",
    title="this server",
    serve=[PYTHON, "manage.py", "serve", "--port", "PORT"],
    prepare=(MIGRATE, ACCOUNT),
    environment=OURS,
    table="devices_device",
    stores_notifications=True,
)
WITH_COLUMN = replace(
    SERVER,
    name="column",
    title="this server with a column and an action more",
    serve=[PYTHON, "FOLDER/manage.py", "serve", "--port", "PORT"],
    prepare=(
        [PYTHON, "-m", "benchmarks.peers.own", "FOLDER", "--silent"],
        [PYTHON, "FOLDER/manage.py", "makemigrations", "--verbosity", "0", "devices", "journal"],
        [PYTHON, "FOLDER/manage.py", "migrate", "--verbosity", "0"],
        ACCOUNT,
    ),
    environment={"DJANGO_SETTINGS_MODULE": "site_settings", "PYTHONPATH": "FOLDER"},
)
CONTENDERS = (
    SERVER,
    replace(
        SERVER,
        name="full",
        title="this server, full",
        # Its devices are connected the whole time, and do not answer pings.
        environment=OURS | {"SILENT_SECONDS": "86400"},
        is_full=True,
    ),
    replace(
        SERVER,
        name="pruning",
        title="this server while it prunes",
        environment=OURS | {"PRUNE_SECONDS": "1"},
        prunes=True,
    ),
    replace(
        SERVER,
        name="redis",
        title="this server, alone with REDIS_URL",
        environment=OURS | {"REDIS_URL": os.environ.get("REDIS_URL", "")},
        needs_redis=True,
    ),
    WITH_COLUMN,
    replace(
        WITH_COLUMN,
        name="listening",
        title="the same with a receiver that writes",
        prepare=(
            [PYTHON, "-m", "benchmarks.peers.own", "FOLDER"],
            *WITH_COLUMN.prepare[1:],
        ),
    ),
    Contender(
        name="echo",
        title="(a) its own echo",
        serve=[PYTHON, "-m", "benchmarks.peers.echo", "PORT"],
        prepare=(MIGRATE, ACCOUNT),
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
VARIANTS = ("redis", "full", "pruning", "column", "listening")
"""Variants of this server; the other contenders are peers."""
