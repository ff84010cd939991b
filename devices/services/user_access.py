"""The networks and device types that users may use (protocol, 5.10.8 to 5.10.13).

Each change first locks the user and the network or type, so that none of them can be deleted, nor
the user allowed all types, in between.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from devicehive.protocol.permissions import Principal
from devices.models import DeviceType, Network, User
from devices.refusals import DeviceTypeRefusal, NetworkRefusal, UserRefusal
from devices.services import access, access_changes, users


def network_of(principal: Principal, user_id: int, network_id: int) -> Network:
    """A network that the user is a member of. Raises Refused."""
    network = users.get(principal, user_id).networks.filter(pk=network_id).first()
    if network is None:
        raise UserRefusal.NETWORK_NOT_FOUND(network_id, user_id)
    return network


def device_type_of(principal: Principal, user_id: int, device_type_id: int) -> DeviceType:
    """A type assigned to the user; a user allowed all types has none assigned. Raises Refused."""
    device_type = users.get(principal, user_id).device_types.filter(pk=device_type_id).first()
    if device_type is None:
        raise UserRefusal.DEVICE_TYPE_NOT_FOUND(device_type_id, user_id)
    return device_type


def device_type_for(principal: Principal, user_id: int, device_type_id: int) -> DeviceType:
    """A type that the user may use: an assigned one, or, with all allowed, one the caller sees.

    Raises Refused.
    """
    if not users.get(principal, user_id).all_device_types_available:
        return device_type_of(principal, user_id, device_type_id)
    device_type = access.visible_device_types(principal).filter(pk=device_type_id).first()
    if device_type is None:
        raise UserRefusal.DEVICE_TYPE_NOT_FOUND(device_type_id, user_id)
    return device_type


def device_types_of(user_id: int) -> QuerySet[DeviceType]:
    """All types the user may use. Raises Refused."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserRefusal.NOT_FOUND(user_id)
    types = DeviceType.objects if user.all_device_types_available else user.device_types
    return types.order_by("id")


@transaction.atomic
def assign_network(user_id: int, network_id: int) -> None:
    """Make the user a member. Raises Refused for an unknown user, network or type, as all functions
    below do."""
    user, network = _user(user_id), _network(network_id)
    user.networks.add(network)
    access_changes.record([user_id])


@transaction.atomic
def unassign_network(user_id: int, network_id: int) -> None:
    user, network = _user(user_id), _network(network_id)
    user.networks.remove(network)
    access_changes.record([user_id])


@transaction.atomic
def set_networks(user_id: int, network_ids: Iterable[int]) -> None:
    """Make the user a member of these networks and of no others."""
    user = _user(user_id)
    # In key order, as everywhere where several are locked, so that nothing deadlocks.
    user.networks.set([_network(id_) for id_ in sorted(network_ids)])
    access_changes.record([user_id])


@transaction.atomic
def assign_device_type(user_id: int, device_type_id: int) -> None:
    user, device_type = _restricted_user(user_id), _device_type(device_type_id)
    user.device_types.add(device_type)
    access_changes.record([user_id])


@transaction.atomic
def unassign_device_type(user_id: int, device_type_id: int) -> None:
    user, device_type = _restricted_user(user_id), _device_type(device_type_id)
    user.device_types.remove(device_type)
    access_changes.record([user_id])


@transaction.atomic
def set_device_types(user_id: int, device_type_ids: Iterable[int]) -> None:
    """Assign these types to the user and no others."""
    user = _restricted_user(user_id)
    user.device_types.set([_device_type(id_) for id_ in sorted(device_type_ids)])
    access_changes.record([user_id])


@transaction.atomic
def allow_all_device_types(user_id: int) -> None:
    """Allow all types, and remove the types assigned one by one."""
    user = _user(user_id)
    user.device_types.clear()
    user.all_device_types_available = True
    user.save(update_fields=["all_device_types_available"])
    access_changes.record([user_id])


@transaction.atomic
def disallow_all_device_types(user_id: int) -> None:
    """The user then has no types until some are assigned."""
    user = _user(user_id)
    user.all_device_types_available = False
    user.save(update_fields=["all_device_types_available"])
    access_changes.record([user_id])


def _user(user_id: int) -> User:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise UserRefusal.NOT_FOUND(user_id)
    return user


def _restricted_user(user_id: int) -> User:
    user = _user(user_id)
    if user.all_device_types_available:
        raise UserRefusal.HAS_ALL_DEVICE_TYPES()
    return user


def _network(network_id: int) -> Network:
    # `no_key`: a stronger lock would hold up saves, which refer to the network.
    network = Network.objects.select_for_update(no_key=True).filter(pk=network_id).first()
    if network is None:
        raise NetworkRefusal.NOT_FOUND(network_id)
    return network


def _device_type(device_type_id: int) -> DeviceType:
    found = DeviceType.objects.select_for_update(no_key=True).filter(pk=device_type_id)
    device_type = found.first()
    if device_type is None:
        raise DeviceTypeRefusal.NOT_FOUND(device_type_id)
    return device_type
