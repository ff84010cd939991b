"""devicetype/*: device types (protocol, 5.9), the kinds of devices there are."""

from devicehive.protocol.actions import Caller, action
from devicehive.protocol.permissions import Permission
from devicehive.protocol.shapes import Bool, Long, Needed, Params
from devices.handlers import gate
from devices.handlers.groups import Filter, GroupBody, Listing, NewGroupBody
from devices.handlers.paging import LIST_ERRORS, page
from devices.refusals import DeviceTypeRefusal, GroupRefusal, GroupRule
from devices.schemas.group import GroupCreated, GroupOut, GroupWithDevices
from devices.services import device_types


@action(
    "devicetype/list", needs=Permission.GET_DEVICE_TYPE, returns="deviceTypes", errors=LIST_ERRORS
)
def list_(caller: Caller, params: Listing) -> list[GroupOut]:
    """The device types that the caller can see and that match all filters, by default in the order
    of their ids."""
    found = device_types.listed(
        caller.identity,
        name=params.name,
        name_pattern=params.name_pattern,
        sort_field=params.sort_field,
        sort_order=params.sort_order,
    )
    return [GroupOut.of(each) for each in page(found, take=params.take, skip=params.skip)]


@action("devicetype/count", needs=Permission.GET_DEVICE_TYPE, returns="count")
def count(caller: Caller, params: Filter) -> int:
    """How many device types `devicetype/list` would show in all."""
    return device_types.listed(
        caller.identity, name=params.name, name_pattern=params.name_pattern
    ).count()


class ById(Params):
    device_type_id: Needed[Long] = None


@action(
    "devicetype/get",
    needs=Permission.GET_DEVICE_TYPE,
    target=gate.device_type,
    returns="deviceType",
    errors=(DeviceTypeRefusal.ID_REQUIRED, DeviceTypeRefusal.NOT_FOUND),
)
def get(caller: Caller, params: ById) -> GroupWithDevices:
    """One device type with its devices: those in the networks that the token lists.

    A token that lists none shows all, even those in networks that the caller does not see.
    """
    device_type = device_types.get(caller.identity, _required(params.device_type_id))
    return GroupWithDevices.including(
        device_type, device_types.devices_shown(caller.identity, device_type)
    )


class Insert(Params):
    device_type: Needed[NewGroupBody] = None


@action(
    "devicetype/insert",
    needs=Permission.MANAGE_DEVICE_TYPE,
    returns="deviceType",
    errors=(
        DeviceTypeRefusal.REQUIRED,
        DeviceTypeRefusal.NAME_TAKEN,
        GroupRefusal.ID_NOT_ALLOWED,
        *GroupRule,
    ),
)
def insert(caller: Caller, params: Insert) -> GroupCreated:
    """Create a device type."""
    if params.device_type is None:
        raise DeviceTypeRefusal.REQUIRED()
    new = params.device_type
    device_type = device_types.insert(name=new.name, description=new.description, id_=new.id)
    return GroupCreated(device_type.pk)


class Update(ById):
    device_type: Needed[GroupBody] = None


@action(
    "devicetype/update",
    needs=Permission.MANAGE_DEVICE_TYPE,
    target=gate.device_type,
    errors=(
        DeviceTypeRefusal.ID_REQUIRED,
        DeviceTypeRefusal.NOT_FOUND,
        DeviceTypeRefusal.REQUIRED,
        DeviceTypeRefusal.NAME_TAKEN,
        GroupRule.NAME_LENGTH,
        GroupRule.DESCRIPTION_LENGTH,
    ),
)
def update(caller: Caller, params: Update) -> None:
    """Change what is given. An empty text clears the description; `null` keeps it."""
    device_type = device_types.existing(_required(params.device_type_id))
    if params.device_type is None:
        raise DeviceTypeRefusal.REQUIRED()
    body = params.device_type
    device_types.update(device_type, name=body.name, description=body.description)


class Delete(ById):
    force: Bool | None = None


@action(
    "devicetype/delete",
    needs=Permission.MANAGE_DEVICE_TYPE,
    target=gate.device_type,
    errors=(
        DeviceTypeRefusal.ID_REQUIRED,
        DeviceTypeRefusal.NOT_FOUND,
        DeviceTypeRefusal.NOT_EMPTY,
    ),
)
def delete(caller: Caller, params: Delete) -> None:
    """Delete a device type that has no devices or, with `force`, its devices too."""
    device_types.delete(_required(params.device_type_id), force=bool(params.force))


def _required(device_type_id: int | None) -> int:
    if device_type_id is None:
        raise DeviceTypeRefusal.ID_REQUIRED()
    return device_type_id
