"""Users (protocol, 4.4)."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.password_validation import validate_password
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models, transaction
from django.db.models import CheckConstraint, Q

from devicehive.orm.fields import CodePointCharField
from devices.models.constraints import data_check, length_check
from devices.models.groups import DeviceType, Network
from devices.refusals import UserRefusal

LOGIN_CHARACTERS = "a-zA-Z0-9_@.-"
LOGIN_PATTERN = rf"^[{LOGIN_CHARACTERS}]+\Z"
SAMPLE_NETWORK = 1
"""The network of an administrator's new devices if a save names none (Appendix B)."""
SHORTEST_LOGIN = 3
LONGEST_LOGIN = 128


class UserManager(BaseUserManager["User"]):
    def create_superuser(self, login: str, password: str | None = None) -> "User":
        """Create an administrator, who is in the sample network if it still exists. Django's
        `createsuperuser` calls this. Raises ValidationError."""
        validate_password(password or "")
        user = self.model(login=login, role=User.Role.ADMIN)
        user.set_password(password)
        user.full_clean()
        with transaction.atomic():
            user.save(using=self._db)
            user.networks.add(*Network.objects.filter(pk=SAMPLE_NETWORK))
        return user


class User(AbstractBaseUser):
    """A person or a program that logs in, on a WebSocket, over REST or in the admin. `role` and
    `status` are the only permissions of a user: an administrator may do everything, a client may
    not enter the admin."""

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
    token_number = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    """Raised to revoke all tokens: those with a lower number (`v`) are invalid (R-44)."""
    kept_token = models.CharField(max_length=64, default="", db_default="", editable=False)
    """The fingerprint of the token that last raised the number: this token stays valid."""

    objects = UserManager()

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
