"""System checks, for settings with which the server starts and then fails in obscure ways.

`manage.py check` runs them, and so does every command before it starts. A warning can be silenced
by its id in SILENCED_SYSTEM_CHECKS; an error stops the command.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connection

from devicehive.documents.described import described
from devicehive.documents.examples import example_of, http_example_of
from devicehive.documents.schemas import UnknownTypeError
from devicehive.keys import signing_key
from devicehive.orm.schema import foreign_encoding
from devicehive.protocol.actions import registry
from devicehive.protocol.routes import routes

TAG = "devicehive"
STRONG_KEY_BYTES = 32
"""The length of HS256's hash: a longer key is no stronger, a shorter one is weaker (RFC 7518,
3.2)."""


@checks.register(TAG)
def jwt_secret(**options: Any) -> Iterable[CheckMessage]:
    key = signing_key(settings.JWT_SECRET)
    if len(key) < STRONG_KEY_BYTES:
        yield checks.Warning(
            f"JWT_SECRET gives a key of {len(key)} bytes: anybody who has seen one token can find "
            "the key by trying, and make tokens for any user.",
            hint="Unset JWT_SECRET, or set it to what `openssl rand -base64 32` prints. "
            "Tokens issued before are no longer valid then.",
            id="devicehive.W001",
        )


@checks.register(TAG)
def debug_in_public(**options: Any) -> Iterable[CheckMessage]:
    if settings.DEBUG and is_public(settings.HOST):
        yield checks.Warning(
            f"DEBUG is on and HOST={settings.HOST} can be reached from other machines: error "
            "pages show settings and code, and memory grows with every query.",
            hint="Unset DEBUG, or set HOST=127.0.0.1.",
            id="devicehive.W002",
        )


@checks.register(TAG)
def any_host_name(**options: Any) -> Iterable[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS and is_public(settings.HOST):
        yield checks.Warning(
            f"ALLOWED_HOSTS is * and HOST={settings.HOST} can be reached from other machines: "
            "the admin answers under any name that someone points at this server.",
            hint="Set ALLOWED_HOSTS to the names people use, e.g. devices.example.org,localhost. "
            "It limits HTTP only; devices connect under any name.",
            id="devicehive.W003",
        )


@checks.register(TAG)
def processes_of_one_machine(**options: Any) -> Iterable[CheckMessage]:
    if settings.PROCESSES > 1 and not settings.SCALES_OUT:
        yield checks.Warning(
            f"PROCESSES={settings.PROCESSES} without PostgreSQL and Redis: `serve` will refuse.",
            hint="Set DATABASE_URL=postgres://... and REDIS_URL=redis://..., or PROCESSES=1.",
            id="devicehive.W004",
        )


@checks.register(TAG)
def channel_layer(**options: Any) -> Iterable[CheckMessage]:
    backend = str(settings.CHANNEL_LAYERS["default"]["BACKEND"])
    if backend.startswith("channels_redis.core."):
        yield checks.Warning(
            f"The channel layer {backend} loses messages silently when one of its queues is "
            "full, and every subscriber when Redis restarts.",
            hint="Use channels_redis.pubsub.RedisPubSubChannelLayer, which REDIS_URL selects.",
            id="devicehive.W005",
        )


@checks.register(TAG)
def sqlite_options(**options: Any) -> Iterable[CheckMessage]:
    if connection.vendor != "sqlite":
        return
    given = connection.settings_dict["OPTIONS"]
    if given.get("transaction_mode") != "IMMEDIATE":
        yield checks.Warning(
            "SQLite transactions do not start as IMMEDIATE: concurrent saves fail with "
            '"database is locked", however long the timeout.',
            hint='Set "transaction_mode": "IMMEDIATE" in OPTIONS of DATABASES.',
            id="devicehive.W006",
        )
    if "synchronous=full" not in given.get("init_command", "").lower().replace(" ", ""):
        yield checks.Warning(
            "SQLite does not run with synchronous=FULL: a power failure loses saves that have "
            "been acknowledged.",
            hint='Add "PRAGMA synchronous=FULL;" to init_command in OPTIONS of DATABASES.',
            id="devicehive.W007",
        )


@checks.register(checks.Tags.database)
def encoding(databases: Sequence[str] | None = None, **options: Any) -> Iterable[CheckMessage]:
    """Queries the database, so it runs only in `migrate`, `serve` and `check --database
    default`."""
    if databases and (found := foreign_encoding()):
        yield checks.Warning(
            f"The database stores texts in {found}: saves with characters that this encoding does "
            "not have will fail.",
            hint="Create one with ENCODING 'UTF8' TEMPLATE template0.",
            id="devicehive.W010",
        )


@checks.register(TAG)
def compatible_mode(**options: Any) -> Iterable[CheckMessage]:
    if settings.COMPATIBLE_MODE:
        yield checks.Warning(
            "COMPATIBLE_MODE is on: every client can make itself a token that allows everything.",
            hint="Unset COMPATIBLE_MODE, unless you run the reference server's own tests.",
            id="devicehive.W009",
        )


@checks.register(TAG)
def examples(**options: Any) -> Iterable[CheckMessage]:
    """Every action needs an example: without one the documents cannot be generated."""
    for action in registry.values():
        try:
            example_of(action)
        except (FileNotFoundError, KeyError):
            module = action.handler.__module__
            yield checks.Error(
                f"The documents have no example of the action {action.name}.",
                hint=f"Put its `request` and `answer` into the file {module.rpartition('.')[2]}"
                f".json beside {module}.",
                id="devicehive.E001",
            )


@checks.register(TAG)
def examples_of_paths(**options: Any) -> Iterable[CheckMessage]:
    """The documents make an example for every path from that of its action, which has to fit."""
    for route in routes:
        for method, call in route.methods.items():
            try:
                http_example_of(route.path, call)
            except FileNotFoundError:
                pass  # `examples` reports it.
            except KeyError as missing:
                yield checks.Error(
                    f"The documents have no example of {method} {route.path.text}: {missing} is "
                    "missing.",
                    hint=f"The action {call.name} must exist, and the `request` of its example "
                    "have all members that the path names.",
                    id="devicehive.E002",
                )


@checks.register(TAG)
def types_of_members(**options: Any) -> Iterable[CheckMessage]:
    """Every member of a request or an answer needs a schema, or the documents would be a 500."""
    for action in registry.values():
        try:
            described(action)
        except UnknownTypeError as unknown:
            yield checks.Error(
                f"The documents cannot describe a member of the action {action.name}: {unknown}.",
                hint="docs/for-django-developers.md has the types of members.",
                id="devicehive.E003",
            )


def is_public(host: str) -> bool:
    """Whether a server that listens on `host` can be reached from other machines."""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
