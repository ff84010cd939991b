"""devicetype/*: device types (protocol, 5.9), the kinds of devices there are."""

from devicehive.protocol.actions import Caller, action
from devicehive.protocol.bodies import CheckedLater, Needed, Params
from devicehive.protocol.permissions import Permission
from devicehive.protocol.shapes import Bool, Long
from devices.handlers import gate
from devices.handlers.groups import Listing, NewDeviceTypeBody
from devices.handlers.paging import LIST_ERRORS, page
from devices.refusals import DeviceTypeRefusal, GroupRefusal, GroupRule
from devices.schemas.group import (
    Created,
    DeviceTypeBody,
    DeviceTypeOut,
    DeviceTypeWithDevices,
    GroupFilter,
)
from devices.services import device_types
from devices.services.groups import SORTED_BY


@action(
    "devicetype/list", needs=Permission.GET_DEVICE_TYPE, returns="deviceTypes", errors=LIST_ERRORS
)
def list_(caller: Caller, params: Listing) -> list[DeviceTypeOut]:
    """The device types that the caller can see and that match all filters, by default in the order
    of their ids."""
    found = device_types.find(caller.identity, params)
    return DeviceTypeOut.of_all(page(found, SORTED_BY, params))


@action("devicetype/count", needs=Permission.GET_DEVICE_TYPE, returns="count")
def count(caller: Caller, params: GroupFilter) -> int:
    """How many device types `devicetype/list` would show in all."""
    return device_types.find(caller.identity, params).count()


class ById(Params):
    device_type_id: Needed[Long, DeviceTypeRefusal.ID_REQUIRED]


@action(
    "devicetype/get",
    needs=Permission.GET_DEVICE_TYPE,
    target=gate.device_type,
    returns="deviceType",
    errors=(DeviceTypeRefusal.NOT_FOUND, DeviceTypeRefusal.TOO_MANY_DEVICES),
)
def get(caller: Caller, params: ById) -> DeviceTypeWithDevices:
    """One device type with those of its devices that the caller can see."""
    device_type = device_types.get(caller.identity, params.device_type_id)
    shown = device_types.devices_shown(caller.identity, device_type)
    return DeviceTypeWithDevices.including(
        device_type, shown, too_many=DeviceTypeRefusal.TOO_MANY_DEVICES
    )


class Insert(Params):
    device_type: Needed[NewDeviceTypeBody, DeviceTypeRefusal.REQUIRED]


@action(
    "devicetype/insert",
    standing=gate.renew,
    needs=Permission.MANAGE_DEVICE_TYPE,
    returns="deviceType",
    errors=(
        DeviceTypeRefusal.NAME_TAKEN,
        GroupRefusal.ID_NOT_ALLOWED,
        *GroupRule,
    ),
)
def insert(caller: Caller, params: Insert) -> Created:
    """Create a device type."""
    new = params.device_type
    device_type = device_types.insert(name=new.name, description=new.description, id_=new.id)
    return Created(device_type.pk)


class Update(ById):
    device_type: CheckedLater[DeviceTypeBody] = None


@action(
    "devicetype/update",
    standing=gate.renew,
    needs=Permission.MANAGE_DEVICE_TYPE,
    target=gate.device_type,
    errors=(
        DeviceTypeRefusal.NOT_FOUND,
        DeviceTypeRefusal.REQUIRED,
        DeviceTypeRefusal.NAME_TAKEN,
        GroupRule.NAME_LENGTH,
        GroupRule.DESCRIPTION_LENGTH,
    ),
)
def update(caller: Caller, params: Update) -> None:
    """Change the given members. An empty text clears the description; `null` keeps it."""
    device_types.update(params.device_type_id, params.device_type)


class Delete(ById):
    force: Bool | None = None


@action(
    "devicetype/delete",
    standing=gate.renew,
    needs=Permission.MANAGE_DEVICE_TYPE,
    target=gate.device_type,
    errors=(
        DeviceTypeRefusal.NOT_FOUND,
        DeviceTypeRefusal.NOT_EMPTY,
    ),
)
def delete(caller: Caller, params: Delete) -> None:
    """Delete a device type that has no devices or, with `force`, its devices too."""
    device_types.delete(params.device_type_id, force=bool(params.force), by=caller.identity)
