"""manage.py exportdevices: every device, as a file that importdevices reads."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from devices.models import Device
from devices.services import transfer
from devices.services.device_files import FORMATS, SUFFIXES, WRITERS


class Command(BaseCommand):
    help = (
        "Write every device: id, name, data, networkName, deviceTypeName, isBlocked. Networks and "
        "types are named, so that the file can be imported into another installation that has "
        "networks and types of these names."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--format", choices=FORMATS, help="default: that of FILE's suffix, else ndjson"
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        output = options["output"]
        form = options["format"] or SUFFIXES.get(output.suffix if output else "", "ndjson")
        # disable=None: no bar unless stderr is a terminal.
        rows = tqdm(
            transfer.exported(), total=Device.objects.count(), unit=" devices", disable=None
        )
        try:
            if output is None:
                WRITERS[form](rows, self.stdout)
                self.stdout.flush()
            else:
                with output.open("w", encoding="utf-8", newline="") as file:
                    WRITERS[form](rows, file)
        except OSError as error:
            where = output or "to standard output"
            raise CommandError(f"cannot write {where}: {error.strerror}") from None
