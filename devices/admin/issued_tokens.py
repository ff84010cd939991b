"""The record of issued tokens. Tokens are revoked here; deleting a record would revoke nothing."""

from django.contrib import admin
from django.contrib.admin.utils import model_ngettext
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from devicehive.protocol.permissions import CLIENT
from devices.admin.filters import AutocompleteFilter
from devices.admin.resources import ResourceAdmin
from devices.models import IssuedToken
from devices.services import revocation

OF_CLIENTS = {permission.wire_name for permission in CLIENT}


@admin.register(IssuedToken)
class IssuedTokenAdmin(ResourceAdmin):
    list_display = ("issued_at", "user", "issued_by", "refreshable_until", "revoked_at", "scope")
    list_display_links = ("issued_at",)
    list_filter = (("user", AutocompleteFilter),)
    list_select_related = ("user",)
    # The newest first: primary keys ascend with time.
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("issued_by",)
    search_help_text = "Part of the login of whoever made them."
    actions = ("revoke",)
    fields = (
        "user",
        "issued_by",
        "issued_at",
        "valid_until",
        "refreshable_until",
        "actions",
        "networks",
        "device_types",
        "revoked_at",
    )

    @admin.display(description="allows")
    def scope(self, token: IssuedToken) -> str:
        networks, types = _ids(token.networks), _ids(token.device_types)
        return f"{_shortened(token.actions)}; networks: {networks}; types: {types}"

    @admin.action(description="Revoke selected tokens, and what was made of them")
    def revoke(self, request: HttpRequest, queryset: QuerySet[IssuedToken]) -> None:
        chosen = list(queryset.filter(revoked_at=None, jti__isnull=False))
        revocation.revoke([str(each.jti) for each in chosen])
        for each in chosen:
            self.log_change(request, each, "Revoked.")
        self.message_user(
            request, f"Revoked {len(chosen):,} {model_ngettext(self.opts, len(chosen))}."
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _shortened(actions: str | None) -> str:
    """The names of the actions, or a phrase if they are all thirteen that clients may do."""
    if actions == "" or {*(actions or "").split(", ")} == OF_CLIENTS:
        return "client actions"
    return actions or "nothing"


def _ids(listed: str | None) -> str:
    return "not listed" if listed is None else listed or "none"
