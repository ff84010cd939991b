"""How Django's own login, the admin's, checks passwords: by the same rules as `token`."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from devicehive.protocol.refusals import Refused
from devices.models import User
from devices.services import revocation, user_rules, users


class LoginBackend(BaseBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str = "", password: str = "", **other: Any
    ) -> User | None:
        user = User.objects.filter(login=username).first()
        if user is None or not user.is_active or not users.password_matches(user, password):
            return None
        return user

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id).first()


class PasswordRule:
    """DeviceHive's rule, for the password forms of the admin."""

    def validate(self, password: str, user: User | None = None) -> None:
        try:
            user_rules.check_password(password)
        except Refused as refused:
            raise ValidationError(refused.text) from None

    def password_changed(self, password: str, user: User) -> None:
        """By the admin or `manage.py changepassword`, which save users themselves."""
        revocation.end_tokens(user.pk)

    def get_help_text(self) -> str:
        return "6 to 128 characters."
