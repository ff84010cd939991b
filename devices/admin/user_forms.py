"""The forms of users: accounts, access and passwords."""

from typing import Any

from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    ReadOnlyPasswordHashField,
    SetPasswordMixin,
)
from django.core.exceptions import ValidationError

from devices.admin.fields import JSONObjectField, VerbatimField
from devices.admin.forms import ServiceForm
from devices.models import User
from devices.services import user_access, user_rules, users


class UserForm(ServiceForm):
    login = VerbatimField()
    password = ReadOnlyPasswordHashField()
    data = JSONObjectField()  # type: ignore[assignment]  # Django takes it out of the class

    class Meta:
        model = User
        fields = (
            "login",
            "role",
            "status",
            "networks",
            "all_device_types_available",
            "device_types",
            "intro_reviewed",
            "data",
        )

    def clean(self) -> None:
        role, status = self.cleaned_data.get("role"), self.cleaned_data.get("status")
        enters = role == User.Role.ADMIN and status == User.Status.ACTIVE
        if self.instance.pk == self.principal.user_id and not enters:
            raise ValidationError(
                "This is your own account. Unless it is that of an active administrator you "
                "could not undo this; ask another administrator to do it."
            )

    def clean_login(self) -> str:
        login: str = self.cleaned_data["login"]
        return login.strip()

    def check(self, given: dict[str, Any]) -> None:
        user_rules.check_change(
            self.principal,
            self.instance.pk,
            login=given.get("login"),
            password=None,
            role=given.get("role"),
            status=given.get("status"),
        )

    def write(self, given: dict[str, Any]) -> int:
        user: User = self.instance
        users.update(
            self.principal,
            user.pk,
            login=given.get("login"),
            role=given.get("role"),
            status=given.get("status"),
            data=given.get("data", user.data),
            intro_reviewed=given.get("intro_reviewed"),
        )
        set_access(user, given)
        return user.pk


class NewUserForm(SetPasswordMixin, ServiceForm):  # type: ignore[type-arg]  # as above
    login = VerbatimField()
    password1, password2 = SetPasswordMixin.create_password_fields()

    class Meta:
        model = User
        fields = ("login", "role", "networks", "all_device_types_available", "device_types")

    def clean(self) -> None:
        self.validate_passwords()

    def check(self, given: dict[str, Any]) -> None:
        user_rules.check_new(
            login=given["login"], password=given["password1"], role=given["role"], status=None
        )

    def write(self, given: dict[str, Any]) -> int:
        user = users.insert(login=given["login"], password=given["password1"], role=given["role"])
        set_access(user, given)
        return user.pk


def set_access(user: User, given: dict[str, Any]) -> None:
    """Give the user access to the chosen networks and types, if these were edited. Raises
    Refused."""
    if "networks" in given:
        user_access.set_networks(user.pk, [network.pk for network in given["networks"]])
    all_types = given.get("all_device_types_available", user.all_device_types_available)
    if all_types and not user.all_device_types_available:
        user_access.allow_all_device_types(user.pk)
    elif not all_types:
        if user.all_device_types_available:
            user_access.disallow_all_device_types(user.pk)
        if "device_types" in given:
            user_access.set_device_types(user.pk, [each.pk for each in given["device_types"]])


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # has no [] at run time
    """Django's form without the choice of no password, which DeviceHive does not have."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields.pop("usable_password", None)
