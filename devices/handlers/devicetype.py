"""devicetype/*: the kinds of devices there are (protocol, 5.9)."""

from devicehive.actions import Caller, action
from devicehive.permissions import Permission
from devicehive.shapes import Bool, Long, Params
from devices import targets
from devices.errors import DeviceTypeError
from devices.handlers.groups import Filter, GroupBody, Listing, NewGroupBody
from devices.handlers.paging import descending, page
from devices.schemas import GroupOut, GroupWithDevices
from devices.services import device_types


@action("devicetype/list", needs=Permission.GET_DEVICE_TYPE, returns="deviceTypes")
def list_(caller: Caller, params: Listing) -> list[GroupOut]:
    found = device_types.listed(
        caller.identity,
        name=params.name,
        name_pattern=params.name_pattern,
        sort_field=params.sort_field,
        descending=descending(params.sort_order),
    )
    return [GroupOut.of(each) for each in page(found, take=params.take, skip=params.skip)]


@action("devicetype/count", needs=Permission.GET_DEVICE_TYPE, returns="count")
def count(caller: Caller, params: Filter) -> int:
    return device_types.listed(
        caller.identity, name=params.name, name_pattern=params.name_pattern
    ).count()


class ById(Params):
    device_type_id: Long | None = None


@action(
    "devicetype/get",
    needs=Permission.GET_DEVICE_TYPE,
    target=targets.device_type,
    returns="deviceType",
)
def get(caller: Caller, params: ById) -> GroupWithDevices:
    device_type = device_types.get(caller.identity, _required(params.device_type_id))
    return GroupWithDevices.including(
        device_type, device_types.devices_shown(caller.identity, device_type)
    )


class Insert(Params):
    device_type: NewGroupBody | None = None


@action("devicetype/insert", needs=Permission.MANAGE_DEVICE_TYPE, returns="deviceType")
def insert(caller: Caller, params: Insert) -> dict[str, int]:
    if params.device_type is None:
        raise DeviceTypeError.REQUIRED()
    new = params.device_type
    device_type = device_types.insert(name=new.name, description=new.description, id_=new.id)
    return {"id": device_type.pk}


class Update(ById):
    device_type: GroupBody | None = None


@action("devicetype/update", needs=Permission.MANAGE_DEVICE_TYPE, target=targets.device_type)
def update(caller: Caller, params: Update) -> None:
    device_type = device_types.existing(_required(params.device_type_id))
    if params.device_type is None:
        raise DeviceTypeError.REQUIRED()
    body = params.device_type
    device_types.update(device_type, name=body.name, description=body.description)


class Delete(ById):
    force: Bool | None = None


@action("devicetype/delete", needs=Permission.MANAGE_DEVICE_TYPE, target=targets.device_type)
def delete(caller: Caller, params: Delete) -> None:
    device_types.delete(_required(params.device_type_id), force=bool(params.force))


def _required(device_type_id: int | None) -> int:
    if device_type_id is None:
        raise DeviceTypeError.ID_REQUIRED()
    return device_type_id
