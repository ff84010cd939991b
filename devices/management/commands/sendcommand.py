"""manage.py sendcommand: send a command to a device, as `command/insert` does."""

import time
from argparse import ArgumentParser
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devicehive.protocol.shapes import decode_member
from devices.management.acting import acting, add_as
from devices.management.numbers import positive
from devices.management.terminal import BETWEEN_MEMBERS, printable
from devices.models import Command as DeviceCommand
from devices.schemas.command import CommandBody
from devices.services import commands
from devices.services.commands import CommandInsert

UPDATE_LOOK_SECONDS = 0.1
"""The time between two looks at the record of a command while waiting for its update."""


class Command(BaseCommand):
    help = (
        "Send a command to a device, exactly as command/insert does, and print its id. With "
        "--wait, then print what the device answers by its first command/update; the exit status "
        "is 1 when there is none in time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("device", metavar="DEVICE", help="a device id")
        parser.add_argument("name", metavar="NAME", help="what the device is to do")
        parser.add_argument("--parameters", metavar="JSON", help="an object; default: none")
        parser.add_argument(
            "--lifetime", type=int, metavar="N", help="seconds; stored, and told to the device"
        )
        parser.add_argument(
            "--wait", type=positive, metavar="SECONDS", help="wait so long for the answer"
        )
        add_as(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        principal = acting(options["login"])
        try:
            body = _body(options["name"], options["parameters"], options["lifetime"])
            number = _send(principal, options["device"], body)
            self.stdout.write(str(number))
            self.stdout.flush()  # A pipe is buffered, and the id should be seen before the wait.
            if options["wait"] is not None:
                self.wait(principal, options["device"], number, options["wait"])
        except Refused as refused:
            raise CommandError(refused.text) from None

    def wait(self, principal: Principal, device_id: str, number: int, seconds: float) -> None:
        answered = _wait_for_update(principal, device_id, number, seconds)
        if answered is None:
            raise CommandError(f"no answer within {seconds:g} s")
        if answered.status is not None:
            self.stdout.write(f"status: {printable(answered.status)}")
        if answered.result is not None:
            self.stdout.write(f"result: {printable(answered.result, keeps=BETWEEN_MEMBERS)}")


def _body(name: str, parameters: str | None, lifetime: int | None) -> CommandBody:
    """The body of a frame with these members. Raises Refused."""
    try:
        given = None if parameters is None else msgspec.json.decode(parameters, type=msgspec.Raw)
        members = {"command": name, "parameters": given, "lifetime": lifetime}
        text = msgspec.json.encode(members)
        return msgspec.json.decode(text, type=CommandBody, dec_hook=decode_member)
    except (msgspec.DecodeError, RecursionError) as error:
        raise CommandError(f"not valid: {error}") from None
    except UnicodeError:
        raise CommandError("not UTF-8") from None


def _send(principal: Principal, device_id: str, body: CommandBody) -> int:
    request = CommandInsert(principal=principal, device_id=device_id, body=body)
    (inserted,) = commands.insert_many([request])
    if isinstance(inserted, Refused):
        raise inserted
    return inserted.number


def _wait_for_update(
    principal: Principal, device_id: str, number: int, seconds: float
) -> DeviceCommand | None:
    """The command once it is updated, or None. Raises Refused if it does not exist any more."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        command = commands.get(principal, device_id, number)
        if command.updates:
            return command
        time.sleep(UPDATE_LOOK_SECONDS)
    return None
