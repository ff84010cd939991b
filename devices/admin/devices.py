"""Devices. A form is saved as a `device/save`, by the same rules."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import model_ngettext
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from devicehive.protocol.refusals import Refused
from devices.admin.files import export_response, import_view
from devices.admin.filters import AutocompleteFilter
from devices.admin.forms import STORED_ONLY, DeviceForm
from devices.admin.keys import SearchSelect
from devices.admin.live import live, live_token_view
from devices.admin.presence import ByPresence, PresenceColumns, shown_presence
from devices.admin.resources import ResourceAdmin, principal_behind
from devices.models import Device, Network
from devices.services import bulk

NETWORK = Device._meta.get_field("network")


class DeviceList(ChangeList):
    def get_queryset(self, *args: Any, **options: Any) -> QuerySet[Device]:
        # Do not load `data`, which may be megabytes for a page, and which the list does not show.
        found: QuerySet[Device] = super().get_queryset(*args, **options)
        return found.defer("data")


class MoveForm(forms.Form):
    network = forms.ModelChoiceField(
        Network.objects.all(), widget=SearchSelect(NETWORK, admin.site)
    )


@admin.register(Device)
class DeviceAdmin(PresenceColumns, ResourceAdmin):
    form = DeviceForm
    fields = ("id", "name", "network", "device_type", "is_blocked", "data")
    list_display = (
        *("id", "name", "its_presence", "last_heard"),
        *("network", "device_type", "blocked"),
    )
    # The other columns are of other tables, by which sorting all devices is slow; only for
    # presence is that worth it.
    sortable_by = ("id", "name", "its_presence", "last_heard")
    list_display_links = ("id", "name")
    list_filter = (
        ByPresence,
        "is_blocked",
        ("network", AutocompleteFilter),
        ("device_type", AutocompleteFilter),
    )
    list_select_related = ("network", "device_type", "presence")
    search_fields = ("id", "name")
    search_help_text = "Part of a device id or of a name."
    # The default order, by primary key, is useless to people; this one has an index. The count
    # for the page numbers is exact: it takes about 5 ms for 100,000 devices on PostgreSQL.
    ordering = ("name", "id")
    autocomplete_fields = ("network", "device_type")
    actions = ("block", "unblock", "move", "export_csv", "export_ndjson")

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return DeviceList

    def get_readonly_fields(self, request: HttpRequest, obj: Device | None = None) -> list[str]:
        return ["id"] if obj else []

    def get_urls(self) -> list[URLPattern]:
        token = self.admin_site.admin_view(live_token_view)
        read_file = self.admin_site.admin_view(import_view)
        return [
            path("import/", read_file, name="devices_device_import"),
            path("<device_id>/token/", token, name="devices_device_token"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **options: Any
    ) -> HttpResponse:
        device = options.get("obj")
        if device is not None:
            context["live"] = live(request, device)
            context["presence"] = shown_presence(device)
        return super().render_change_form(request, context, *args, **options)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        bulk.delete(principal_behind(request), queryset)

    @admin.display(description="blocked", empty_value="")
    def blocked(self, device: Device) -> str:
        return "blocked" if device.is_blocked else ""

    @admin.action(description="Mark selected devices as blocked")
    def block(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        self._set_blocked(request, queryset, True)

    @admin.action(description="Mark selected devices as not blocked")
    def unblock(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        self._set_blocked(request, queryset, False)

    def _set_blocked(self, request: HttpRequest, queryset: QuerySet[Device], blocked: bool) -> None:
        count = bulk.set_blocked(principal_behind(request), queryset, blocked)
        done = f"{count:,} {model_ngettext(self.opts, count)}"
        if settings.ENFORCE_BLOCKED:
            said = f"{'Blocked' if blocked else 'Unblocked'} {done}."
        else:
            said = f"Marked {done} as {'blocked' if blocked else 'not blocked'}. {STORED_ONLY}"
        self.message_user(request, said)

    @admin.action(description="Export selected devices as CSV for spreadsheets")
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Device]) -> HttpResponseBase:
        return export_response(queryset, "csv")

    @admin.action(description="Export selected devices as NDJSON")
    def export_ndjson(self, request: HttpRequest, queryset: QuerySet[Device]) -> HttpResponseBase:
        return export_response(queryset, "ndjson")

    @admin.action(description="Move selected devices to a network…")
    def move(self, request: HttpRequest, queryset: QuerySet[Device]) -> HttpResponse | None:
        form = MoveForm(request.POST if "post" in request.POST else None)
        if not form.is_valid():
            return self._ask_where(request, queryset, form)
        network = form.cleaned_data["network"]
        try:
            count = bulk.move(principal_behind(request), queryset, network.pk)
        except Refused as refused:
            self.message_user(request, refused.text, messages.ERROR)
        else:
            self.message_user(
                request, f"Moved {count:,} {model_ngettext(self.opts, count)} to {network}."
            )
        return None

    def _ask_where(
        self, request: HttpRequest, queryset: QuerySet[Device], form: MoveForm
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Move devices to a network",
            "opts": self.opts,
            "count": queryset.count(),
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/devices/device/move.html", context)
