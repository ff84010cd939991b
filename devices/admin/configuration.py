"""Configuration entries, which `configuration/*` reads and writes. The secret is not one."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from devices.admin.forms import ConfigurationForm
from devices.admin.resources import ResourceAdmin
from devices.models import Configuration
from devices.services import configuration


@admin.register(Configuration)
class ConfigurationAdmin(ResourceAdmin):
    form = ConfigurationForm
    fields = ("name", "value")
    list_display = ("name", "value", "entity_version")
    sortable_by = ("name",)
    ordering = ("name",)
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name"] if obj else []

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Configuration]) -> None:
        for name in list(queryset.values_list("name", flat=True)):
            configuration.delete(name)
