"""user/*: networks and device types of users (protocol, 5.10.8 to 5.10.13)."""

import msgspec

from devicehive.protocol.actions import Caller, action
from devicehive.protocol.bodies import Needed
from devicehive.protocol.permissions import Permission
from devicehive.protocol.shapes import Long
from devices.handlers import gate
from devices.handlers.user import ById
from devices.refusals import DeviceTypeRefusal, NetworkRefusal, UserRefusal
from devices.schemas.group import DeviceTypeOut, NetworkOut
from devices.services import user_access


class NetworkOfUser(ById):
    network_id: Needed[Long, NetworkRefusal.ID_REQUIRED]


class NestedNetwork(msgspec.Struct):
    """A network, nested once more: DeviceHive's tests and clients read `network.network`."""

    network: NetworkOut


@action(
    "user/getNetwork",
    needs=Permission.GET_NETWORK,
    returns="network",
    errors=(UserRefusal.NOT_FOUND, UserRefusal.NETWORK_NOT_FOUND),
)
def get_network(caller: Caller, params: NetworkOfUser) -> NestedNetwork:
    """A network, if the user is a member of it. Clients can ask about themselves only."""
    return NestedNetwork(
        NetworkOut.of(user_access.network_of(caller.identity, params.user_id, params.network_id))
    )


MEMBERSHIP_ERRORS = (UserRefusal.NOT_FOUND, NetworkRefusal.NOT_FOUND)


@action(
    "user/assignNetwork",
    standing=gate.renew,
    needs=Permission.MANAGE_NETWORK,
    errors=MEMBERSHIP_ERRORS,
)
def assign_network(caller: Caller, params: NetworkOfUser) -> None:
    """Make the user a member of the network.

    Tokens that list other networks, such as those of earlier log-ins, still give no access to it.
    """
    user_access.assign_network(params.user_id, params.network_id)


@action(
    "user/unassignNetwork",
    standing=gate.renew,
    needs=Permission.MANAGE_NETWORK,
    errors=MEMBERSHIP_ERRORS,
)
def unassign_network(caller: Caller, params: NetworkOfUser) -> None:
    """End a membership, at once, whatever networks the tokens of the user list."""
    user_access.unassign_network(params.user_id, params.network_id)


class DeviceTypeOfUser(ById):
    device_type_id: Needed[Long, DeviceTypeRefusal.ID_REQUIRED]


class NestedDeviceType(msgspec.Struct, rename="camel"):
    device_type: DeviceTypeOut


@action(
    "user/getDeviceType",
    needs=Permission.GET_DEVICE_TYPE,
    returns="deviceType",
    errors=(UserRefusal.NOT_FOUND, UserRefusal.DEVICE_TYPE_NOT_FOUND),
)
def get_device_type(caller: Caller, params: DeviceTypeOfUser) -> NestedDeviceType:
    """A device type assigned to the user; a user allowed all types has none assigned."""
    found = user_access.device_type_of(caller.identity, params.user_id, params.device_type_id)
    return NestedDeviceType(DeviceTypeOut.of(found))


@action(
    "user/getDeviceTypes",
    needs=Permission.MANAGE_DEVICE_TYPE,
    returns="deviceTypes",
    errors=(UserRefusal.NOT_FOUND,),
)
def get_device_types(caller: Caller, params: ById) -> list[DeviceTypeOut]:
    """All device types that the user may use."""
    return DeviceTypeOut.of_all(user_access.device_types_of(params.user_id))


ASSIGNMENT_ERRORS = (
    UserRefusal.NOT_FOUND,
    UserRefusal.HAS_ALL_DEVICE_TYPES,
    DeviceTypeRefusal.NOT_FOUND,
)


@action(
    "user/assignDeviceType",
    standing=gate.renew,
    needs=Permission.MANAGE_DEVICE_TYPE,
    errors=ASSIGNMENT_ERRORS,
)
def assign_device_type(caller: Caller, params: DeviceTypeOfUser) -> None:
    """Let a user who may not use all types use this one."""
    user_access.assign_device_type(params.user_id, params.device_type_id)


@action(
    "user/unassignDeviceType",
    standing=gate.renew,
    needs=Permission.MANAGE_DEVICE_TYPE,
    errors=ASSIGNMENT_ERRORS,
)
def unassign_device_type(caller: Caller, params: DeviceTypeOfUser) -> None:
    """The opposite of `user/assignDeviceType`."""
    user_access.unassign_device_type(params.user_id, params.device_type_id)


@action(
    "user/allowAllDeviceTypes",
    standing=gate.renew,
    needs=Permission.MANAGE_DEVICE_TYPE,
    errors=(UserRefusal.NOT_FOUND,),
)
def allow_all_device_types(caller: Caller, params: ById) -> None:
    """Let a user use all types, and remove those assigned one by one."""
    user_access.allow_all_device_types(params.user_id)


@action(
    "user/disallowAllDeviceTypes",
    standing=gate.renew,
    needs=Permission.MANAGE_DEVICE_TYPE,
    errors=(UserRefusal.NOT_FOUND,),
)
def disallow_all_device_types(caller: Caller, params: ById) -> None:
    """Leave a user without device types, until some are assigned."""
    user_access.disallow_all_device_types(params.user_id)
