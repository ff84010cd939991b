"""Networks and device types, the two kinds of groups of devices."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from devices.admin.forms import DeviceTypeForm, NetworkForm
from devices.admin.presence import SilenceLimitInline
from devices.admin.resources import ResourceAdmin, count_of, counted_link
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
    """The field of a device that refers to its group."""
    members: str
    """The field of a user that has the groups it may use."""
    memberships: type[Model]
    """The table behind that field."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                device_count=count_of(Device, self.member),
                user_count=count_of(self.memberships, str(self.opts.model_name)),
            )
        )
        return counted

    @admin.display(description="devices")
    def its_devices(self, group: Any) -> str:
        return _linked(group, "device", self.member)

    @admin.display(description="users")
    def its_users(self, group: Any) -> str:
        return _linked(group, "user", self.members)


def _linked(group: Any, model: str, relation: str) -> str:
    if group.pk is None:
        return ""
    return counted_link(
        getattr(group, f"{model}_count"), model, **{f"{relation}__id__exact": group.pk}
    )


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
    inlines = (SilenceLimitInline,)
    memberships = User.device_types.through

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[DeviceType]) -> None:
        device_types.delete_with_devices(queryset)
