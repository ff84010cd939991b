"""Networks and device types: the two ways in which devices are grouped."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from devices.admin.forms import DeviceTypeForm, NetworkForm
from devices.admin.resources import ResourceAdmin
from devices.models import Device, DeviceType, Network, User
from devices.services import device_types, networks


class GroupAdmin(ResourceAdmin):
    list_display: tuple[str, ...] = ("name", "description", "its_devices", "its_users")
    sortable_by = ("name",)
    ordering = ("name",)
    search_fields = ("name", "description")
    fields = ("name", "description", "its_devices", "its_users")
    readonly_fields = ("its_devices", "its_users")

    member: str
    """The field of a device that says which group it is in."""
    members: str
    """The field of a user that says which groups it may reach."""
    memberships: type[Model]
    """The table behind that field."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        groups: QuerySet[Any] = super().get_queryset(request)
        return groups.annotate(
            device_count=_count(Device, self.member),
            user_count=_count(self.memberships, str(self.opts.model_name)),
        )

    @admin.display(description="devices")
    def its_devices(self, group: Any) -> str:
        return self._link("device", f"{self.member}__id__exact", group, "device_count")

    @admin.display(description="users")
    def its_users(self, group: Any) -> str:
        return self._link("user", f"{self.members}__id__exact", group, "user_count")

    def _link(self, model: str, lookup: str, group: Any, count: str) -> str:
        if group.pk is None:
            return "0"
        url = reverse(f"admin:devices_{model}_changelist", query={lookup: group.pk})
        return format_html('<a href="{}">{}</a>', url, f"{getattr(group, count):,}")


def _count(model: type[Model], group: str) -> Coalesce:
    """How many rows of `model` are in a group: asked for the rows of a page only, because a list
    is cut to its page before its columns are computed."""
    rows = model._default_manager.filter(**{group: OuterRef("pk")}).order_by()
    return Coalesce(Subquery(rows.values(group).annotate(n=Count("*")).values("n")), 0)


@admin.register(Network)
class NetworkAdmin(GroupAdmin):
    form = NetworkForm
    member, members = "network", "networks"
    memberships = User.networks.through

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Network]) -> None:
        networks.delete_with_devices(queryset)


@admin.register(DeviceType)
class DeviceTypeAdmin(GroupAdmin):
    form = DeviceTypeForm
    member, members = "device_type", "device_types"
    memberships = User.device_types.through

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[DeviceType]) -> None:
        device_types.delete_with_devices(queryset)
