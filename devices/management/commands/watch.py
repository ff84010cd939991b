"""manage.py watch: print the events of a running server, line by line."""

import asyncio
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from devicehive.protocol.shapes import NULL, object_text
from devicehive.protocol.timestamps import parse_timestamp, timestamp_text
from devices.management.clients import add_server, token_maker
from devices.management.named import find_named
from devices.management.terminal import printable
from devices.management.watching import MOST_REPLAYED, CannotWatch, Received, Watch, watch
from devices.models import DeviceType, Network

SHOWN_AS = {
    "notification/insert": "notification",
    "command/insert": "command",
    "command/update": "update",
}


def timestamp(text: str) -> str:
    try:
        return timestamp_text(parse_timestamp(text))
    except ValueError:
        raise ArgumentTypeError(f"not like 2026-01-31T12:00:00.000: {text}") from None


class Command(BaseCommand):
    help = (
        "Show the notifications of devices as they come, one a line, until Ctrl-C. A lost "
        "connection is made again, and what was missed is shown then, but for the $device-add and "
        "$device-update of the registry, and updates of commands older than the last one shown."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--device", metavar="ID", help="of this device; default: of all")
        parser.add_argument("--network", metavar="NAME-OR-ID", help="in this network")
        parser.add_argument("--type", metavar="NAME-OR-ID", help="of devices of this type")
        parser.add_argument(
            "--name", action="append", metavar="NAME", help="with this name; may be repeated"
        )
        parser.add_argument(
            "--commands", action="store_true", help="commands too, and their updates"
        )
        parser.add_argument(
            "--since",
            type=timestamp,
            metavar="TIMESTAMP",
            help="first what was stored since then, such as 2026-01-31T12:00:00 (UTC)",
        )
        parser.add_argument("--json", action="store_true", help="print the frames as they come")
        add_server(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Watch(
            url=options["url"],
            token=token_maker(options),
            subscriptions=list(_subscriptions(options)),
            since=options["since"],
            on_push=self.show_frame if options["json"] else self.show_line,
            on_note=self.stderr.write,
        )
        try:
            asyncio.run(watch(plan))
        except CannotWatch as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            pass

    def show_frame(self, push: Received, message: bytes) -> None:
        self.show(printable(msgspec.json.format(message, indent=-1).decode()))

    def show_line(self, push: Received, message: bytes) -> None:
        self.show(line(push))

    def show(self, line: str) -> None:
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except OSError as error:
            raise CannotWatch(f"cannot write: {error.strerror}") from None


def _subscriptions(options: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The requests that subscribe to what the options name. Raises CommandError."""
    within: dict[str, Any] = {}
    if options["device"] is not None:
        if options["network"] or options["type"]:
            raise CommandError("--device is one device, whatever --network and --type it is of")
        within["deviceId"] = options["device"]
    if options["network"] is not None:
        within["networkIds"] = [find_named(Network, options["network"]).pk]
    if options["type"] is not None:
        within["deviceTypeIds"] = [find_named(DeviceType, options["type"]).pk]
    if options["name"] is not None:
        within["names"] = options["name"]
    yield {"action": "notification/subscribe", **within}
    if options["commands"]:
        for updated in (False, True):
            yield {
                "action": "command/subscribe",
                "returnUpdatedCommands": updated,
                "limit": MOST_REPLAYED,
                **within,
            }


class Shown(msgspec.Struct, rename="camel"):
    """The members of a command or notification that are shown."""

    device_id: str
    timestamp: str
    command: str | None = None
    notification: str | None = None
    parameters: msgspec.Raw = NULL
    last_updated: str = ""
    status: str | None = None
    result: msgspec.Raw = NULL


def line(push: Received) -> str:
    """A line with the time, the event, the device, the name and the content."""
    kind, event = SHOWN_AS[push.action], msgspec.json.decode(push.event, type=Shown)
    name = event.command or event.notification or ""
    words: list[str | None] = [event.timestamp, f"{kind:12}", event.device_id, name]
    if kind == "update":
        words = [event.last_updated, *words[1:], event.status, _one_line(event.result)]
    else:
        words.append(_one_line(event.parameters))
    return printable("  ".join(word for word in words if word is not None))


def _one_line(value: msgspec.Raw) -> str | None:
    text = object_text(value)
    return text and msgspec.json.format(text, indent=0)
