"""The forms of the admin: what a person enters, handed to the services that decide."""

from types import ModuleType
from typing import Any, ClassVar

import msgspec
from django import forms
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    ReadOnlyPasswordHashField,
    SetPasswordMixin,
)
from django.core.exceptions import ValidationError

from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devicehive.protocol.shapes import NULL
from devices.admin.fields import JSONObjectField, VerbatimField
from devices.models import Configuration, Device, DeviceType, Network, User
from devices.schemas.device import DeviceBody
from devices.schemas.group import GroupBody
from devices.services import configuration, device_types, devices, networks, user_access, users
from devices.services.device_save import DeviceSave


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]  # has no [] at run time
    """Saves through a service, whose refusal is an error of the form.

    Each input of an existing record carries the value it was opened with, and only what was
    edited is saved: what a device or a colleague saved in the meantime stays.
    """

    principal: Principal
    """Who saves; set by the admin."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.show_hidden_initial = not (self.is_new or field.disabled)

    def write(self, given: dict[str, Any]) -> Any:
        """Save what is given through a service; returns the primary key. Raises Refused."""
        raise NotImplementedError

    @property
    def is_new(self) -> bool:
        return bool(self.instance._state.adding)

    def _post_clean(self) -> None:
        """Where Django would validate the model, the service decides; and saves, because only
        then is it certain that it does not refuse."""
        if self.errors:
            return
        given = {
            name: value
            for name, value in self.cleaned_data.items()
            if self.is_new or name in self.changed_data
        }
        try:
            key = self.write(given)
        except Refused as refused:
            self.add_error(None, refused.text)
        else:
            self.instance = self._meta.model.objects.get(pk=key)

    def _save_m2m(self) -> None:
        """Nothing: `write` has saved the relations too."""


class DeviceForm(ServiceForm):
    id = VerbatimField(label="Device id")
    name = VerbatimField()
    data = JSONObjectField()  # type: ignore[assignment]  # Django takes it out of the class

    class Meta:
        model = Device
        fields = ("id", "name", "network", "device_type", "is_blocked", "data")

    def clean_id(self) -> str:
        device_id: str = self.cleaned_data["id"]
        if Device.objects.filter(pk=device_id).exists():
            # The service would update it: right for a device, a surprise to a person.
            raise ValidationError("There is a device with this id already.")
        return device_id

    def write(self, given: dict[str, Any]) -> str:
        device_id: str = given["id"] if self.is_new else self.instance.pk
        # A save without data clears it.
        data = given["data"] if "data" in given else self._stored_data()
        body = DeviceBody(
            name=given.get("name"),
            data=NULL if data is None else msgspec.Raw(data),
            network_id=given["network"].pk if "network" in given else None,
            device_type_id=given["device_type"].pk if "device_type" in given else None,
            is_blocked=given.get("is_blocked"),
        )
        devices.save(DeviceSave.of(self.principal, device_id, body))
        return device_id

    def _stored_data(self) -> str | None:
        """The data as it is now, and no save changes it before this one."""
        stored = Device.objects.select_for_update().filter(pk=self.instance.pk)
        return stored.values_list("data", flat=True).first()


class GroupForm(ServiceForm):
    service: ClassVar[ModuleType]

    name = VerbatimField()
    description = VerbatimField()

    def write(self, given: dict[str, Any]) -> int:
        if self.is_new:
            description = given["description"] or None
            group = self.service.insert(name=given["name"], description=description)
            return int(group.pk)
        self.service.update(self.instance.pk, GroupBody(**given))
        return int(self.instance.pk)


class NetworkForm(GroupForm):
    service: ClassVar = networks

    class Meta:
        model = Network
        fields = ("name", "description")


class DeviceTypeForm(GroupForm):
    service: ClassVar = device_types

    class Meta:
        model = DeviceType
        fields = ("name", "description")


class ConfigurationForm(ServiceForm):
    name = VerbatimField(
        help_text="The server itself reads user.login.maxAttempts, wrong passwords until a user is "
        "locked out, and user.login.lastTimeout, milliseconds in which lastLogin is not written "
        "again."
    )
    value = VerbatimField()

    class Meta:
        model = Configuration
        fields = ("name", "value")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Configuration.objects.filter(name=name).exists():
            # The service would replace it: right for a program, a surprise to a person.
            raise ValidationError("There is an entry with this name already.")
        return name

    def write(self, given: dict[str, Any]) -> int:
        name = given["name"] if self.is_new else self.instance.name
        value = given.get("value", self.instance.value)
        return int(configuration.put(name, value).pk)


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
        assign(user, given)
        return user.pk


class NewUserForm(SetPasswordMixin, ServiceForm):  # type: ignore[type-arg]  # as above
    login = VerbatimField()
    password1, password2 = SetPasswordMixin.create_password_fields()

    class Meta:
        model = User
        fields = ("login", "role", "networks", "all_device_types_available", "device_types")

    def clean(self) -> None:
        self.validate_passwords()

    def write(self, given: dict[str, Any]) -> int:
        user = users.insert(login=given["login"], password=given["password1"], role=given["role"])
        assign(user, given)
        return user.pk


def assign(user: User, given: dict[str, Any]) -> None:
    """What the user may reach, as far as it was edited."""
    if "networks" in given:
        user.networks.set(given["networks"])
    all_types = given.get("all_device_types_available", user.all_device_types_available)
    if all_types and not user.all_device_types_available:
        user_access.allow_all_device_types(user.pk)
    elif not all_types:
        if user.all_device_types_available:
            user_access.disallow_all_device_types(user.pk)
        if "device_types" in given:
            user.device_types.set(given["device_types"])


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # has no [] at run time
    """Without Django's choice to have no password, which DeviceHive does not know."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields.pop("usable_password", None)
