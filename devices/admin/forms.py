"""The forms of the admin, which services check and save."""

from dataclasses import replace
from types import ModuleType
from typing import Any, ClassVar

import msgspec
from django import forms
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.utils.functional import lazy

from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devicehive.protocol.shapes import NULL
from devices.admin.concurrent_edits import carry_shown, find_overtaken
from devices.admin.fields import JSONObjectField, VerbatimField
from devices.models import Configuration, Device, DeviceType, Network
from devices.schemas.device import DeviceBody
from devices.schemas.group import GroupBody
from devices.services import configuration, device_types, devices, groups, networks
from devices.services.device_save import DeviceSave

STORED_ONLY = "Stored and shown, and keeps nobody from anything (ENFORCE_BLOCKED is off)."
ENFORCED = "Only administrators can save or delete it, command it and tell for it."


def _what_blocked_means() -> str:
    return ENFORCED if settings.ENFORCE_BLOCKED else STORED_ONLY


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]  # has no [] at run time
    """A form that a service checks and saves; a refusal is shown as an error of the form.

    Of an existing record, only edited fields are saved: what a device or a colleague saved since
    the form was opened stays, and a field that both changed is refused (see concurrent_edits.py).
    """

    def __init__(
        self, *args: Any, principal: Principal, refused: Refused | None = None, **options: Any
    ) -> None:
        """`refused` is why the form could not be saved before; the form is then invalid."""
        super().__init__(*args, **options)
        self.principal = principal
        self.refused = refused
        if not self.is_new:
            carry_shown(self)

    def check(self, given: dict[str, Any]) -> None:
        """Check the given values, and write nothing. Raises Refused."""
        raise NotImplementedError

    def write(self, given: dict[str, Any]) -> Any:
        """Save the given values through a service; returns the primary key. Raises Refused."""
        raise NotImplementedError

    @property
    def is_new(self) -> bool:
        return bool(self.instance._state.adding)

    @property
    def given(self) -> dict[str, Any]:
        """The entered values; of an existing record, only the edited ones."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if self.is_new or name in self.changed_data
        }

    def _post_clean(self) -> None:
        """Let the service check the form, in the place of Django's validation of the model."""
        if not (self.errors or self.is_new):
            self._compare_with_stored()
        if self.errors:
            return
        try:
            if self.refused:
                raise self.refused
            self.check(self.given)
        except Refused as refused:
            self.add_error(None, refused.text)

    def _compare_with_stored(self) -> None:
        """Refuse fields that someone else has changed too. Locks the record as the services do, so
        that it cannot change between this comparison and the end of the transaction."""
        locked = type(self.instance)._default_manager.select_for_update(no_key=True)
        try:
            self.instance.refresh_from_db(from_queryset=locked)
        except ObjectDoesNotExist:
            self.add_error(None, "This was deleted since the page was opened.")
            return
        for overtaken in find_overtaken(self):
            self.add_error(overtaken.name, overtaken.text)

    def write_given(self) -> None:
        """Save, and reload `instance`. Raises Refused."""
        self.instance.pk = self.write(self.given)
        self.instance.refresh_from_db()

    def _save_m2m(self) -> None:
        """Do nothing: `write` saves the relations too."""


class DeviceForm(ServiceForm):
    id = VerbatimField(label="Device id")
    name = VerbatimField()
    data = JSONObjectField()  # type: ignore[assignment]  # Django takes it out of the class

    class Meta:
        model = Device
        fields = ("id", "name", "network", "device_type", "is_blocked", "data")
        help_texts = {"is_blocked": lazy(_what_blocked_means, str)()}

    def check(self, given: dict[str, Any]) -> None:
        devices.check_save(self._save(given))

    def write(self, given: dict[str, Any]) -> str:
        save = self._save(given)
        devices.save(save)
        return save.device_id

    def _save(self, given: dict[str, Any]) -> DeviceSave:
        device_id: str = given["id"] if self.is_new else self.instance.pk
        members = {
            f"{name}_id" if isinstance(value, Model) else name: getattr(value, "pk", value)
            for name, value in given.items()
            if name != "id"
        }
        # A save without `data` would clear it.
        data = given.get("data", self.instance.data)
        members["data"] = NULL if data is None else msgspec.Raw(data)
        save = DeviceSave.of(self.principal, device_id, DeviceBody(**members))
        return replace(save, only_new=self.is_new)


class GroupForm(ServiceForm):
    service: ClassVar[ModuleType]

    name = VerbatimField()
    description = VerbatimField()

    def check(self, given: dict[str, Any]) -> None:
        groups.check_lengths(given.get("name"), given.get("description"))

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
        help_text="The server itself reads two: user.login.maxAttempts, how many wrong passwords "
        "may be tried without waiting, and user.login.lastTimeout, for how many milliseconds after "
        "a log-in lastLogin is not written again."
    )
    value = VerbatimField()

    class Meta:
        model = Configuration
        fields = ("name", "value")

    def check(self, given: dict[str, Any]) -> None:
        name, value = self._entry(given)
        configuration.check_entry(name, value)
        if self.is_new:
            configuration.check_new(name)

    def write(self, given: dict[str, Any]) -> int:
        return int(configuration.put(*self._entry(given), only_new=self.is_new).pk)

    def _entry(self, given: dict[str, Any]) -> tuple[str, str]:
        name = given["name"] if self.is_new else self.instance.name
        return name, given.get("value", self.instance.value)
