"""The registry: users, networks, device types, devices and configuration (protocol, section 4)."""

import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.db.models import CheckConstraint, Q
from django.db.models.functions import Length
from django.utils import timezone

from devicehive.orm.fields import CodePointCharField
from devices.refusals import DeviceRefusal, UserRefusal

DEVICE_ID_CHARACTERS = "a-zA-Z0-9-"
LOGIN_CHARACTERS = "a-zA-Z0-9_@.-"
DEVICE_ID_PATTERN = rf"^[{DEVICE_ID_CHARACTERS}]+\Z"
LOGIN_PATTERN = rf"^[{LOGIN_CHARACTERS}]+\Z"
LONGEST_DEVICE_ID = 48
LONGEST_NAME = 128
LONGEST_DESCRIPTION = 128
LONGEST_CONFIGURATION_NAME = 32
LONGEST_CONFIGURATION_VALUE = 128
SHORTEST_LOGIN = 3
LONGEST_LOGIN = 128

CodePointCharField.register_lookup(Length)


def length_check(member: str, least: int, most: int, name: str) -> CheckConstraint:
    """SQLite ignores max_length; this makes both databases refuse the same."""
    return CheckConstraint(
        condition=Q(**{f"{member}__length__gte": least, f"{member}__length__lte": most}), name=name
    )


def data_check(name: str) -> CheckConstraint:
    """`data` is the text of a JSON object, or null."""
    return CheckConstraint(condition=Q(data__isnull=True) | Q(data__startswith="{"), name=name)


class Network(models.Model):
    name = CodePointCharField(max_length=LONGEST_NAME, unique=True)
    description = models.CharField(max_length=LONGEST_DESCRIPTION, null=True, blank=True)

    class Meta:
        constraints = (length_check("name", 1, LONGEST_NAME, "network_name_length"),)

    def __str__(self) -> str:
        return self.name


class DeviceType(models.Model):
    name = CodePointCharField(max_length=LONGEST_NAME, unique=True)
    description = models.CharField(max_length=LONGEST_DESCRIPTION, null=True, blank=True)

    class Meta:
        constraints = (length_check("name", 1, LONGEST_NAME, "device_type_name_length"),)

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """Who logs in, on a WebSocket or in the admin. What `role` and `status` say is all there is:
    an administrator may do everything, a client may not enter the admin."""

    class Role(models.IntegerChoices):
        ADMIN = 0
        CLIENT = 1

    class Status(models.IntegerChoices):
        ACTIVE = 0
        LOCKED_OUT = 1
        DISABLED = 2

    login = CodePointCharField(
        max_length=LONGEST_LOGIN,
        unique=True,
        validators=[
            MinLengthValidator(SHORTEST_LOGIN, UserRefusal.LOGIN_LENGTH.text),
            RegexValidator(LOGIN_PATTERN, UserRefusal.LOGIN_CHARACTERS.text),
        ],
    )
    role = models.SmallIntegerField(choices=Role, default=Role.CLIENT)
    status = models.SmallIntegerField(choices=Status, default=Status.ACTIVE, db_index=True)
    login_attempts = models.PositiveIntegerField(default=0, editable=False)
    data = models.TextField(null=True, blank=True)
    intro_reviewed = models.BooleanField(default=False)
    all_device_types_available = models.BooleanField(default=True)
    networks = models.ManyToManyField(Network, related_name="users", blank=True)
    device_types = models.ManyToManyField(DeviceType, related_name="users", blank=True)

    objects = BaseUserManager()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (
            length_check("login", SHORTEST_LOGIN, LONGEST_LOGIN, "user_login_length"),
            CheckConstraint(
                condition=Q(login__consists_of=LOGIN_CHARACTERS), name="user_login_characters"
            ),
            CheckConstraint(condition=Q(role__in=[0, 1]), name="user_role"),
            CheckConstraint(condition=Q(status__in=[0, 1, 2]), name="user_status"),
            data_check("user_data_object"),
        )

    @property
    def is_admin(self) -> bool:
        return self.role == User.Role.ADMIN

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # a column in Django, here the status
        return self.status == User.Status.ACTIVE

    # What the admin asks of a user.
    @property
    def is_staff(self) -> bool:
        return self.is_admin

    @property
    def is_superuser(self) -> bool:
        return self.is_admin

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        return self.is_active and self.is_admin

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_admin


def new_generation() -> int:
    return secrets.randbits(63)


class Device(models.Model):
    """`id` is the device id of the wire, and the primary key: it never changes, it is what every
    request names, and a second unique index would cost every save."""

    id = CodePointCharField(
        "device id",
        primary_key=True,
        max_length=LONGEST_DEVICE_ID,
        validators=[RegexValidator(DEVICE_ID_PATTERN, DeviceRefusal.ID_CHARACTERS.text)],
    )
    name = CodePointCharField(max_length=LONGEST_NAME)
    # JSON as text: numbers, order and nested nulls come back as they were sent, which
    # no JSON column does on either database.
    data = models.TextField(null=True, blank=True)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="devices")
    device_type = models.ForeignKey(DeviceType, on_delete=models.CASCADE, related_name="devices")
    is_blocked = models.BooleanField(default=False)
    generation = models.BigIntegerField(default=new_generation, editable=False)
    """Random: a device that is deleted and saved again is another one with the same id, whose
    messages are not its own, and which nobody has subscribed to (6.6)."""

    class Meta:
        constraints = (
            length_check("id", 1, LONGEST_DEVICE_ID, "device_id_length"),
            CheckConstraint(
                condition=Q(id__consists_of=DEVICE_ID_CHARACTERS), name="device_id_characters"
            ),
            length_check("name", 1, LONGEST_NAME, "device_name_length"),
            data_check("device_data_object"),
        )
        indexes = (models.Index(fields=["name", "id"], name="device_by_name"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


class Configuration(models.Model):
    """One entry: a name and a value, some of which the server itself reads (4.7)."""

    name = CodePointCharField(max_length=LONGEST_CONFIGURATION_NAME, unique=True)
    value = CodePointCharField(max_length=LONGEST_CONFIGURATION_VALUE)
    entity_version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name_plural = "configuration"
        constraints = (
            length_check("name", 1, LONGEST_CONFIGURATION_NAME, "configuration_name_length"),
            length_check("value", 1, LONGEST_CONFIGURATION_VALUE, "configuration_value_length"),
        )

    def __str__(self) -> str:
        return self.name


class IssuedToken(models.Model):
    """That tokens were made for a user; the tokens themselves are kept nowhere.

    Recorded are those that someone makes for another or with a lifetime of their own: in the
    admin, by `manage.py createtoken`, by `token/create`. Log-ins and refreshes are not, nor the
    tokens that a client makes for itself as DeviceHive's JavaScript client does at every connect:
    ten thousand devices that come back at once would be as many writes. `lastLogin` tells of them.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="issued_tokens")
    # A login, or the name of a command; no reference, because the record outlives who made it.
    issued_by = models.CharField(max_length=LONGEST_LOGIN)
    issued_at = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField()
    refreshable_until = models.DateTimeField(db_index=True)
    actions = models.TextField(null=True, blank=True)
    networks = models.TextField(null=True, blank=True)
    device_types = models.TextField(null=True, blank=True)

    class Meta:
        verbose_name = "issued token"

    def __str__(self) -> str:
        return f"{self.user}, {self.issued_at:%Y-%m-%d %H:%M}"
