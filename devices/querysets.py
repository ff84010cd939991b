"""Who sees what (protocol, 3.2 and 3.3): one method a model, used by every way in."""

from typing import TYPE_CHECKING, Self

from django.db.models import Exists, Q, QuerySet

from devicehive.protocol.permissions import Principal

if TYPE_CHECKING:
    from devices.models import Device, DeviceType, Network, User  # noqa: F401  # named in strings below


class UserQuerySet(QuerySet["User"]):
    def get_by_natural_key(self, login: str) -> "User":
        """What Django's own login calls."""
        return self.get(login=login)

    def visible_to(self, principal: Principal) -> Self:
        """Only administrators see others (5.10.2, R-23), except in `user/list`."""
        return self if principal.is_admin else self.filter(pk=principal.user_id)


class NetworkQuerySet(QuerySet["Network"]):
    def visible_to(self, principal: Principal) -> Self:
        networks = self
        if not principal.is_admin:
            networks = networks.filter(users=principal.user_id)
        if principal.network_ids is not None:
            networks = networks.filter(id__in=principal.network_ids)
        return networks

    def listed_for(self, principal: Principal) -> Self:
        """`visible_to`, and nothing at all with a token that opens no network (3.3)."""
        opens_some = principal.all_networks or principal.network_ids
        return self.visible_to(principal) if opens_some else self.none()


class DeviceTypeQuerySet(QuerySet["DeviceType"]):
    def visible_to(self, principal: Principal) -> Self:
        types = self
        if not principal.is_admin:
            types = types.filter(_assigned_to(principal.user_id))
        if principal.device_type_ids is not None:
            types = types.filter(id__in=principal.device_type_ids)
        return types

    def listed_for(self, principal: Principal) -> Self:
        """`visible_to`, and nothing at all with a token that opens no type (3.3)."""
        opens_some = principal.all_device_types or principal.device_type_ids
        return self.visible_to(principal) if opens_some else self.none()


def _assigned_to(user_id: int) -> Q:
    """The types of a user: every one, or those assigned to it."""
    from devices.models import User  # Here, because models.py imports this module.

    may_use_all = User.objects.filter(pk=user_id, all_device_types_available=True)
    assigned = User.device_types.through.objects.filter(user_id=user_id)
    return Q(Exists(may_use_all)) | Q(id__in=assigned.values("devicetype_id"))


class DeviceQuerySet(QuerySet["Device"]):
    def visible_to(self, principal: Principal) -> Self:
        devices = self
        if not principal.is_admin:
            devices = devices.filter(network__users=principal.user_id)
        if principal.network_ids is not None:
            devices = devices.filter(network_id__in=principal.network_ids)
        if principal.device_type_ids is not None:
            devices = devices.filter(device_type_id__in=principal.device_type_ids)
        return devices

    def listed_for(self, principal: Principal) -> Self:
        """`visible_to`, and nothing at all without a network or a type to look in (3.2)."""
        if not (principal.all_networks or principal.network_ids) or not (
            principal.all_device_types or principal.device_type_ids
        ):
            return self.none()
        return self.visible_to(principal)
