"""manage.py exportdevices: write all devices to a file that importdevices reads."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from io import TextIOBase, TextIOWrapper
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from tqdm import tqdm

from devicehive import INTERRUPTED
from devicehive.protocol.refusals import Refused
from devices.files.formats import FORMATS, format_written, lines_of
from devices.files.replacing import replacing
from devices.files.rows import WrittenRow
from devices.management.failures import database_failed, output_failed
from devices.models import Device
from devices.services import transfer


class Command(BaseCommand):
    help = (
        "Write every device, in UTF-8: id, name, data, networkName, deviceTypeName, isBlocked. "
        "Networks and types are named, so that the file can be imported into another installation "
        "that has networks and types of these names. FILE is replaced when all is written, or not "
        "at all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--format",
            choices=FORMATS,
            help="default: that of FILE's suffix; ndjson on standard output",
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
        parser.add_argument(
            "--safe-cells",
            action="store_true",
            help="CSV for spreadsheets: an apostrophe in front of cells that they would run as "
            "formulas or write otherwise, such as 007. importdevices takes it away again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        output, safe_cells = options["output"], options["safe_cells"]
        try:
            form = format_written(output, options["format"])
        except Refused as refused:
            raise CommandError(f"{output}: {refused.text}") from None
        if safe_cells and form != "csv":
            raise CommandError("--safe-cells is for CSV: say --format csv")
        try:
            with self.standard_output() if output is None else replacing(output) as file:
                file.writelines(lines_of(_shown(), form, safe_cells=safe_cells))
                file.flush()
        except OSError as error:
            if output is None:
                raise output_failed(f"cannot write to standard output: {error.strerror}") from None
            raise CommandError(f"cannot write {output}: {error.strerror}") from None
        except DatabaseError as error:
            raise database_failed(error) from None
        except KeyboardInterrupt:
            raise CommandError("stopped early", returncode=INTERRUPTED) from None

    def standard_output(self) -> AbstractContextManager[TextIOBase]:
        if sys.stdout is None:
            raise CommandError("standard output is closed")
        if isinstance(sys.stdout, TextIOWrapper):
            # The output is UTF-8, whatever the encoding of the terminal is.
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        return nullcontext(self.stdout)


def _shown() -> Iterable[WrittenRow]:
    """The rows, with a progress bar."""
    rows, total = transfer.exported(Device.objects), Device.objects.count()
    # disable=None: no bar unless stderr is a terminal.
    return tqdm(rows, total=total, unit=" devices", disable=None)
