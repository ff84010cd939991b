"""device/*: registering devices and looking them up (protocol, 5.4)."""

from devicehive.actions import Caller, action
from devicehive.permissions import Permission
from devicehive.shapes import Int, Long, Params, Str
from devices import targets
from devices.errors import DeviceError
from devices.handlers.paging import descending, page
from devices.schemas import DeviceBody, DeviceOut
from devices.services import devices
from devices.services.devices import DeviceSave


class Save(Params):
    device_id: Str | None = None
    device: DeviceBody | None = None


@action("device/save", needs=Permission.REGISTER_DEVICE, commit=devices.save_many)
def save(caller: Caller, params: Save) -> DeviceSave:
    return DeviceSave.of(caller.identity, params.device_id, params.device)


class ById(Params):
    device_id: Str | None = None


@action("device/get", needs=Permission.GET_DEVICE, target=targets.device, returns="device")
def get(caller: Caller, params: ById) -> DeviceOut:
    if params.device_id is None:
        raise DeviceError.ID_REQUIRED()
    return DeviceOut.of(devices.get(caller.identity, params.device_id))


@action("device/delete", needs=Permission.REGISTER_DEVICE, target=targets.device)
def delete(caller: Caller, params: ById) -> None:
    if params.device_id is None:
        raise DeviceError.ID_REQUIRED()
    devices.delete(caller.identity, params.device_id)


class Filter(Params):
    name: Str | None = None
    name_pattern: Str | None = None
    network_id: Long | None = None
    network_name: Str | None = None


class Listing(Filter):
    sort_field: Str | None = None
    sort_order: Str | None = None
    take: Int | None = None
    skip: Int | None = None


@action("device/list", needs=Permission.GET_DEVICE, returns="devices")
def list_(caller: Caller, params: Listing) -> list[DeviceOut]:
    found = devices.listed(
        caller.identity,
        name=params.name,
        name_pattern=params.name_pattern,
        network_id=params.network_id,
        network_name=params.network_name,
        sort_field=params.sort_field,
        descending=descending(params.sort_order),
    )
    return [DeviceOut.of(device) for device in page(found, take=params.take, skip=params.skip)]


@action("device/count", needs=Permission.GET_DEVICE, returns="count")
def count(caller: Caller, params: Filter) -> int:
    found = devices.listed(
        caller.identity,
        name=params.name,
        name_pattern=params.name_pattern,
        network_id=params.network_id,
        network_name=params.network_name,
    )
    return found.count()
