"""Check passwords for Django's login, which the admin uses, by the same rules as `token`."""

from concurrent.futures import CancelledError
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from devicehive.log.outcomes import note_refusal
from devicehive.protocol.refusals import Refused
from devicehive.serving.addresses import has_left_of
from devices.models import User
from devices.schemas.limits import LONGEST_PASSWORD, SHORTEST_PASSWORD
from devices.services import logins, revocation, user_rules


class LoginBackend(BaseBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str = "", password: str = "", **other: Any
    ) -> User | None:
        """Raises Refused if the login has to wait; the form shows it."""
        address = request.META["REMOTE_ADDR"] if request else ""
        has_left = has_left_of(getattr(request, "scope", {}))
        try:
            return logins.admit(username, password, address, has_left)
        except CancelledError:  # The client has left.
            return None
        except Refused as refused:
            note_refusal(refused)
            if refused.retry_after is not None:
                raise
            return None

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
        """Called by the admin and `manage.py changepassword`, which save users themselves."""
        revocation.end_tokens(user.pk)

    def get_help_text(self) -> str:
        return f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
