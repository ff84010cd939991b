"""user/*: networks and device types of users (protocol, 5.10.8 to 5.10.13)."""

from devicehive.actions import Caller, action
from devicehive.errors import required
from devicehive.permissions import Permission
from devicehive.shapes import Long
from devices.errors import DeviceTypeError, NetworkError, UserError
from devices.handlers.user import ById
from devices.schemas import GroupOut
from devices.services import user_access


class NetworkOfUser(ById):
    network_id: Long | None = None

    @property
    def ids(self) -> tuple[int, int]:
        return (
            required(self.user_id, UserError.ID_REQUIRED),
            required(self.network_id, NetworkError.ID_REQUIRED),
        )


@action("user/getNetwork", needs=Permission.GET_NETWORK, returns="network")
def get_network(caller: Caller, params: NetworkOfUser) -> dict[str, GroupOut]:
    # Nested once more: both the suite and the JavaScript client read `network.network`.
    return {"network": GroupOut.of(user_access.network_of(caller.identity, *params.ids))}


@action("user/assignNetwork", needs=Permission.MANAGE_NETWORK)
def assign_network(caller: Caller, params: NetworkOfUser) -> None:
    user_access.assign_network(*params.ids)


@action("user/unassignNetwork", needs=Permission.MANAGE_NETWORK)
def unassign_network(caller: Caller, params: NetworkOfUser) -> None:
    user_access.unassign_network(*params.ids)


class DeviceTypeOfUser(ById):
    device_type_id: Long | None = None

    @property
    def ids(self) -> tuple[int, int]:
        return (
            required(self.user_id, UserError.ID_REQUIRED),
            required(self.device_type_id, DeviceTypeError.ID_REQUIRED),
        )


@action("user/getDeviceType", needs=Permission.GET_DEVICE_TYPE, returns="deviceType")
def get_device_type(caller: Caller, params: DeviceTypeOfUser) -> dict[str, GroupOut]:
    return {"deviceType": GroupOut.of(user_access.device_type_of(caller.identity, *params.ids))}


@action("user/getDeviceTypes", needs=Permission.MANAGE_DEVICE_TYPE, returns="deviceTypes")
def get_device_types(caller: Caller, params: ById) -> list[GroupOut]:
    user_id = required(params.user_id, UserError.ID_REQUIRED)
    return [GroupOut.of(device_type) for device_type in user_access.device_types_of(user_id)]


@action("user/assignDeviceType", needs=Permission.MANAGE_DEVICE_TYPE)
def assign_device_type(caller: Caller, params: DeviceTypeOfUser) -> None:
    user_access.assign_device_type(*params.ids)


@action("user/unassignDeviceType", needs=Permission.MANAGE_DEVICE_TYPE)
def unassign_device_type(caller: Caller, params: DeviceTypeOfUser) -> None:
    user_access.unassign_device_type(*params.ids)


@action("user/allowAllDeviceTypes", needs=Permission.MANAGE_DEVICE_TYPE)
def allow_all_device_types(caller: Caller, params: ById) -> None:
    user_access.allow_all_device_types(required(params.user_id, UserError.ID_REQUIRED))


@action("user/disallowAllDeviceTypes", needs=Permission.MANAGE_DEVICE_TYPE)
def disallow_all_device_types(caller: Caller, params: ById) -> None:
    user_access.disallow_all_device_types(required(params.user_id, UserError.ID_REQUIRED))
