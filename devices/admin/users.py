"""Users: accounts, access, and tokens for them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import model_ngettext
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path

from devices.admin.filters import AutocompleteFilter
from devices.admin.resources import ResourceAdmin, count_of, counted_link, principal_behind
from devices.admin.tokens import token_view
from devices.admin.user_forms import NewUserForm, PasswordForm, UserForm
from devices.models import User
from devices.services import revocation, users

ACCESS_FIELDS = ("networks", "all_device_types_available", "device_types")


@admin.register(User)
class UserAdmin(ResourceAdmin, DjangoUserAdmin):  # type: ignore[type-arg]  # has no [] at run time
    """Django's user pages (the password page above all) with DeviceHive's members."""

    form = UserForm
    add_form = NewUserForm
    add_form_template = None
    change_password_form = PasswordForm
    change_user_password_template = "admin/devices/user/change_password.html"  # noqa: S105  # no password
    list_display = ("login", "role", "status", "last_login", "its_networks", "its_device_types")
    sortable_by = ("login", "last_login")
    list_filter = ("role", "status", ("networks", AutocompleteFilter))
    search_fields = ("login",)
    ordering = ("login",)
    filter_horizontal = ()
    autocomplete_fields = ("networks", "device_types")
    readonly_fields = ("last_login", "login_attempts")
    fieldsets = (
        (None, {"fields": ("login", "password", "role", "status")}),
        ("Access", {"fields": ACCESS_FIELDS}),
        ("More", {"fields": ("last_login", "login_attempts", "intro_reviewed", "data")}),
    )
    add_fieldsets = (
        (None, {"fields": ("login", "password1", "password2", "role")}),
        ("Access", {"fields": ACCESS_FIELDS}),
    )
    actions = ("unlock", "end_tokens")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        counted: QuerySet[User] = (
            super()
            .get_queryset(request)
            .annotate(
                network_count=count_of(User.networks.through, "user"),
                device_type_count=count_of(User.device_types.through, "user"),
            )
        )
        return counted

    @admin.display(description="networks")
    def its_networks(self, user: Any) -> str:
        return counted_link(user.network_count, "network", users__id__exact=user.pk)

    @admin.display(description="device types")
    def its_device_types(self, user: Any) -> str:
        if user.all_device_types_available:
            return "all"
        return counted_link(user.device_type_count, "devicetype", users__id__exact=user.pk)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.create_token)
        return [path("<id>/token/", view, name="devices_user_token"), *super().get_urls()]

    def create_token(self, request: HttpRequest, id: str) -> Any:  # noqa: A002  # as Django's own
        return token_view(self, request, id)

    @admin.action(description="Unlock selected users")
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        locked = queryset.filter(status=User.Status.LOCKED_OUT)
        for user in locked:
            users.unlock(user)
        self.message_user(
            request, f"Unlocked {len(locked)} {model_ngettext(self.opts, len(locked))}."
        )

    @admin.action(description="End all tokens of selected users")
    def end_tokens(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        chosen = list(queryset)
        for user in chosen:
            revocation.end_tokens(user.pk)
            self.log_change(request, user, "Ended all tokens.")
        self.message_user(
            request, f"Ended the tokens of {len(chosen)} {model_ngettext(self.opts, len(chosen))}."
        )

    def undeletable(self, chosen: QuerySet[User], request: HttpRequest) -> list[str]:
        own = chosen.filter(pk=principal_behind(request).user_id).exists()
        return [f"your own account, {request.user}"] if own else []

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user_id in queryset.values_list("pk", flat=True):
            users.delete(principal_behind(request), user_id)


# Django's groups are not used: a user's only permissions are those of its role.
admin.site.unregister(Group)
