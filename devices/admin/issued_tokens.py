"""Which tokens were made for whom. To look at: a record is no token, and deleting it no remedy."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from devices.admin.filters import AutocompleteFilter
from devices.admin.resources import ResourceAdmin
from devices.models import IssuedToken


@admin.register(IssuedToken)
class IssuedTokenAdmin(ResourceAdmin):
    list_display = ("issued_at", "user", "issued_by", "scope", "refreshable_until")
    list_display_links = ("issued_at",)
    list_filter = (("user", AutocompleteFilter),)
    list_select_related = ("user",)
    # By primary key, which is by time.
    ordering = ("-id",)
    sortable_by = ()
    fields = (
        "user",
        "issued_by",
        "issued_at",
        "valid_until",
        "refreshable_until",
        "actions",
        "networks",
        "device_types",
    )

    @admin.display(description="allows")
    def scope(self, token: IssuedToken) -> str:
        actions = "client actions" if token.actions == "" else token.actions or "nothing"
        return f"{actions}; networks: {_ids(token.networks)}; types: {_ids(token.device_types)}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _ids(listed: str | None) -> str:
    return "not listed" if listed is None else listed or "none"
