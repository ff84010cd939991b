"""The form of the page where people log in."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from devicehive.protocol.refusals import Refused


class LogInForm(AdminAuthenticationForm):
    """Django's log-in form, which also says how long to wait (R-46); the site answers that with
    429."""

    retry_after: int | None = None

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except Refused as refused:
            self.retry_after = refused.retry_after
            raise ValidationError(
                "%(text)s. Try again in %(seconds)s seconds.",
                params={"text": refused.text, "seconds": refused.retry_after},
            ) from None


admin.site.login_form = LogInForm
