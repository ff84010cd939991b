"""manage.py importdevices: save every row of a file, as `device/save` does."""

import os
from argparse import ArgumentParser
from collections.abc import Iterable
from io import FileIO
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from tqdm import tqdm

from devicehive import INTERRUPTED
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devices.files.formats import FORMATS, format_read, lines_in
from devices.management.acting import acting, add_as
from devices.management.failures import database_failed, output_failed
from devices.management.terminal import printable
from devices.services import transfer

STAYS = "what is saved stays"


class Command(BaseCommand):
    help = (
        "Register or update the devices in a file, row by row, by the rules of device/save. A row "
        "has the members or columns id, name, data (a JSON object), networkId or networkName, "
        "deviceTypeId or deviceTypeName, and isBlocked (true or false). What it does not give is "
        "kept, the data too; null data or an empty data cell clears it. What is not understood is "
        "refused: a refused row is reported with its line and does not stop the others; the exit "
        "status is then 1. Importing a file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            metavar="FILE",
            help="NDJSON, a JSON array as REST answers it, or CSV with commas, semicolons or "
            "tabs; /dev/stdin reads a pipe",
        )
        parser.add_argument("--format", choices=FORMATS, help="default: that of FILE's suffix")
        parser.add_argument(
            "--encoding", help="default: UTF-8, or what a mark at the start of FILE says"
        )
        parser.add_argument(
            "--ignore-unknown",
            action="store_true",
            help="leave out columns and members that a device does not have, instead of refusing",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="report, but save nothing. A row that is only right because of a much earlier "
            "row of the same device is then reported as refused",
        )
        add_as(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        try:
            counts = self.read(path, acting(options["login"]), options)
        except OSError as error:
            raise CommandError(f"cannot read {path}: {error.strerror}") from None
        except KeyboardInterrupt:
            raise CommandError(f"stopped early; {STAYS}", returncode=INTERRUPTED) from None
        except DatabaseError as error:
            raise database_failed(error) from None
        except Refused as refused:
            raise CommandError(printable(f"{path}: {refused.text}")) from None
        if counts.refused:
            raise CommandError(str(counts))
        self.tell(str(counts))

    def read(self, path: Path, principal: Principal, options: dict[str, Any]) -> transfer.Counts:
        """Save the rows of the file, and count the results. Raises Refused, OSError."""
        form = format_read(path, options["format"])
        # disable=None: no bar unless stderr is a terminal.
        with FileIO(path) as file, _bar(file) as bar:
            encoding, ignores = options["encoding"], options["ignore_unknown"]
            lines = lines_in(
                file, form, encoding=encoding, ignore_unknown=ignores, progress=bar.update
            )
            counts = transfer.Counts(is_dry_run=options["dry_run"])
            outcomes = transfer.import_lines(principal, lines, dry_run=counts.is_dry_run)
            self.report(counts.count(outcomes))
        return counts

    def report(self, outcomes: Iterable[transfer.Outcome]) -> None:
        """Print a line for each refused row."""
        for place, device_id, refused in outcomes:
            if refused:
                line = f"{place}: {device_id or '-'}: {refused.text}"
                with tqdm.external_write_mode():
                    self.tell(printable(line))

    def tell(self, line: str) -> None:
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except OSError as error:
            raise output_failed(f"cannot write the report: {error.strerror}; {STAYS}") from None


def _bar(file: FileIO) -> "tqdm[Any]":
    size = os.fstat(file.fileno()).st_size
    return tqdm(total=size or None, unit="B", unit_scale=True, disable=None)
