"""Pages that import devices from files and export them, as importdevices and exportdevices do."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devices.admin.resources import principal_behind
from devices.files.formats import FORMATS, format_read, lines_in, lines_of
from devices.models import Device
from devices.services import transfer

PIECE_LENGTH = 65_536
"""Read in one visit to a thread of Django's and sent at once, with the line that is too much."""
MOST_REFUSED_SHOWN = 200
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}


class ImportForm(forms.Form):
    file = forms.FileField(
        help_text="NDJSON, a JSON array as REST answers it, or CSV with commas, semicolons or tabs."
    )
    format = forms.ChoiceField(
        choices=[("", "that of the file's name"), *((each, each) for each in FORMATS)],
        required=False,
    )
    encoding = forms.CharField(
        required=False, help_text="Empty: UTF-8, or what a mark at the start of the file says."
    )
    ignore_unknown = forms.BooleanField(
        required=False, help_text="Leave out columns and members that a device does not have."
    )
    dry_run = forms.BooleanField(required=False, label="Only check", help_text="Save nothing.")


def import_view(request: HttpRequest) -> HttpResponse:
    """Show a form, and the result for a file that was sent with it."""
    may_save: Any = admin.site.get_model_admin(Device)
    if not (may_save.has_add_permission(request) and may_save.has_change_permission(request)):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    context = {
        **admin.site.each_context(request),
        "title": "Import devices",
        "opts": Device._meta,
        "form": form,
        "most_bytes": settings.MAX_MESSAGE_BYTES,
    }
    if form.is_valid():
        try:
            context |= _import(principal_behind(request), form.cleaned_data)
        except Refused as refused:
            form.add_error("file", refused.text)
    return TemplateResponse(request, "admin/devices/device/import.html", context)


def _import(principal: Principal, given: dict[str, Any]) -> dict[str, Any]:
    """Save the rows of a file and return the report. Raises Refused if the file cannot be read."""
    file: UploadedFile[bytes] = given["file"]
    form = format_read(Path(file.name or ""), given["format"] or None)
    encoding, ignores = given["encoding"] or None, given["ignore_unknown"]
    lines = lines_in(file, form, encoding=encoding, ignore_unknown=ignores)
    counts = transfer.Counts(is_dry_run=given["dry_run"])
    outcomes = counts.count(transfer.import_lines(principal, lines, dry_run=counts.is_dry_run))
    shown = list(islice((each for each in outcomes if each.refused), MOST_REFUSED_SHOWN))
    more = sum(each.refused is not None for each in outcomes)
    return {"counts": counts, "refused": shown, "more": more}


def export_response(chosen: QuerySet[Device], form: str) -> StreamingHttpResponse:
    """The devices as a file, read while it is sent; CSV for spreadsheets, which run no cell."""
    rows = transfer.exported(chosen.order_by())
    lines = lines_of(rows, form, safe_cells=form == "csv")
    name = f"devices-{timezone.localdate()}.{form}"
    return StreamingHttpResponse(
        _in_pieces(lines),
        content_type=CONTENT_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _in_pieces(lines: Iterator[str]) -> AsyncIterator[str]:
    def piece() -> str:
        taken, length = [], 0
        for line in lines:
            taken.append(line)
            length += len(line)
            if length >= PIECE_LENGTH:
                break
        return "".join(taken)

    while text := await sync_to_async(piece)():
        yield text
