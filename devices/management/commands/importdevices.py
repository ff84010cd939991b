"""manage.py importdevices: `device/save` for every row of a file."""

import os
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from devicehive.protocol.refusals import Refused
from devices.management.acting import acting, add_as
from devices.services import transfer
from devices.services.device_files import FORMATS, READERS, SUFFIXES

INTERRUPTED = 130
"""The exit status of what Ctrl-C ended, as shells have it."""


class Command(BaseCommand):
    help = (
        "Register or update the devices in a file, row by row, exactly as device/save does. A row "
        "has the members or columns id, name, data (an object), networkId or networkName, "
        "deviceTypeId or deviceTypeName, and isBlocked (true or false); what it does not give is "
        "kept, except the data, which is cleared. A refused row is reported with its line and "
        "does not stop the others; the exit status is then 1. Importing a file again changes "
        "nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            metavar="FILE",
            help="NDJSON or CSV, in UTF-8; /dev/stdin reads a pipe",
        )
        parser.add_argument("--format", choices=FORMATS, help="default: that of FILE's suffix")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="report, but save nothing. A row that is only right because of a much earlier "
            "row of the same device is then reported as refused",
        )
        add_as(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        path, dry_run = options["file"], options["dry_run"]
        form = options["format"] or SUFFIXES.get(path.suffix)
        if form is None:
            raise CommandError(f"{path}: say --format ndjson or --format csv")
        principal = acting(options["login"])
        try:
            # disable=None: no bar unless stderr is a terminal.
            with path.open("rb") as file, _bar(file) as bar:
                lines = READERS[form](_texts(file, bar))
                outcomes = transfer.import_lines(principal, lines, dry_run=dry_run)
                counts = self.report(outcomes)
        except OSError as error:
            raise CommandError(f"cannot read {path}: {error.strerror}") from None
        except KeyboardInterrupt:
            raise CommandError(
                "stopped early; what is saved stays", returncode=INTERRUPTED
            ) from None
        except Refused as refused:
            raise CommandError(f"{path}: {refused.text}") from None
        done = "would be saved" if dry_run else "saved"
        summary = f"{counts.total()} rows: {counts[True]} {done}, {counts[False]} refused."
        if counts[False]:
            raise CommandError(summary)
        self.stdout.write(summary)

    def report(self, outcomes: Iterator[transfer.Outcome]) -> Counter[bool]:
        """Print a line for each refused row; count them and the others."""
        counts: Counter[bool] = Counter()
        for number, device_id, refused in outcomes:
            counts[refused is None] += 1
            if refused:
                line = f"line {number}: {device_id or '-'}: {refused.text}"
                with tqdm.external_write_mode():
                    self.stdout.write(_printable(line))
        return counts


def _printable(line: str) -> str:
    """What of a file's ids could not be printed, or would command the terminal, as escapes."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in line
    )


def _bar(file: BinaryIO) -> "tqdm[Any]":
    size = os.fstat(file.fileno()).st_size
    return tqdm(total=size or None, unit="B", unit_scale=True, disable=None)


def _texts(file: BinaryIO, bar: "tqdm[Any]") -> Iterator[str]:
    encoding = "utf-8-sig"  # Spreadsheets write a mark at the start.
    for line in file:
        bar.update(len(line))
        # What is not UTF-8 is refused as a row, not as a file.
        yield line.decode(encoding, "surrogateescape")
        encoding = "utf-8"
