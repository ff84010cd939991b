"""The page that makes tokens for a user, and shows them once."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django import forms
from django.contrib.admin import ModelAdmin, helpers
from django.contrib.admin.widgets import AdminIntegerFieldWidget
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import localize

from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import Refused
from devices.admin.keys import SearchSelectMultiple
from devices.admin.resources import principal_behind
from devices.models import DeviceType, Network, User
from devices.services import token_creation, tokens
from devices.services.tokens import LONGEST_TOKEN_DAYS, Scope, TokenPair

CHOICES = [(p.value, p.wire_name) for p in Permission if p not in (Permission.ANY, Permission.NONE)]


class Preset(NamedTuple):
    """Values that a click fills into the form."""

    name: str
    days: int
    actions: tuple[Permission, ...]


PRESETS = (
    Preset(
        "a device",
        365,
        (
            Permission.GET_DEVICE,
            Permission.REGISTER_DEVICE,
            Permission.GET_DEVICE_COMMAND,
            Permission.UPDATE_DEVICE_COMMAND,
            Permission.CREATE_DEVICE_NOTIFICATION,
        ),
    ),
    Preset(
        "a reader",
        30,
        (
            Permission.GET_NETWORK,
            Permission.GET_DEVICE,
            Permission.GET_DEVICE_TYPE,
            Permission.GET_DEVICE_COMMAND,
            Permission.GET_DEVICE_NOTIFICATION,
        ),
    ),
    Preset("all that the user may do", 1, ()),
)


class TokenForm(forms.Form):
    days = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_TOKEN_DAYS,
        initial=30,
        widget=AdminIntegerFieldWidget,
        label="Lifetime in days",
        help_text="Of both tokens. Until then they can be revoked under Issued tokens.",
    )
    actions = forms.TypedMultipleChoiceField(
        choices=CHOICES,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: what the user's role allows.",
    )
    networks = forms.ModelMultipleChoiceField(
        Network.objects.all(),
        required=False,
        help_text="None chosen: the user's networks as they are now; all for an administrator.",
    )
    device_types = forms.ModelMultipleChoiceField(
        DeviceType.objects.all(),
        required=False,
        help_text="None chosen: the user's device types as they are now.",
    )

    def __init__(self, admin: "ModelAdmin[User]", *args: Any) -> None:
        super().__init__(*args)
        for name in ("networks", "device_types"):
            relation: Any = User._meta.get_field(name)
            field: Any = self.fields[name]
            choices = field.choices
            field.widget = SearchSelectMultiple(relation, admin.admin_site, choices=choices)

    def scope(self, user: User) -> Scope:
        role = tokens.scope_of(user)
        return Scope(
            tuple(self.cleaned_data["actions"]) or role.actions,
            tuple(str(each.pk) for each in self.cleaned_data["networks"]) or role.networks,
            tuple(str(each.pk) for each in self.cleaned_data["device_types"]) or role.device_types,
        )


def token_view(admin: "ModelAdmin[User]", request: HttpRequest, id_: str) -> HttpResponse:
    user = admin.get_object(request, id_)
    if user is None:
        raise Http404
    form: Any = TokenForm(admin, request.POST or None)
    until = timezone.now() + timedelta(days=form.cleaned_data["days"]) if form.is_valid() else None
    pair = until and _create(admin, request, user, form=form, until=until)
    context = {
        **admin.admin_site.each_context(request),
        "title": f"Create an access token: {user}",
        "opts": admin.opts,
        "original": user,
        "form": form,
        "adminform": helpers.AdminForm(form, [(None, {"fields": list(form.fields)})], {}),
        "pair": pair,
        "until": until,
        "presets": PRESETS,
        "warnings": _warnings(user),
        "media": admin.media + form.media,
    }
    return TemplateResponse(request, "admin/devices/user/token.html", context)


def _warnings(user: User) -> list[str]:
    """Why a token without lists of networks and types would give access to no device, if so."""
    if user.is_admin:
        return []
    warnings = []
    if not user.networks.exists():
        warnings.append(f"{user} is in no network: a token opens no device until that changes.")
    if not user.all_device_types_available and not user.device_types.exists():
        warnings.append(f"{user} has no device type: a token opens no device until that changes.")
    return warnings


def _create(
    admin: "ModelAdmin[User]", request: HttpRequest, user: User, *, form: TokenForm, until: datetime
) -> TokenPair | None:
    try:
        pair = token_creation.create(
            principal_behind(request),
            user.pk,
            form.scope(user),
            expiration=until,
            refresh_expiration=until,
        )
    except Refused as refused:
        form.add_error(None, refused.text)
        return None
    admin.log_change(request, user, f"Created a token, valid until {localize(until)}.")
    return pair
