"""device/*: devices (protocol, 5.4): registering them and looking them up."""

from typing import Annotated

from msgspec import Meta

from devicehive.protocol.actions import Caller, action
from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.shapes import Long, Needed, Params, Str
from devices.handlers import gate
from devices.handlers.paging import LIST_ERRORS, page
from devices.refusals import DeviceRefusal, DeviceTypeRefusal, NetworkRefusal
from devices.schemas.device import DeviceBody, DeviceOut
from devices.schemas.limits import NewDeviceId, Skip, SortOrder, Take
from devices.services import devices
from devices.services.devices import DeviceSave


class Save(Params):
    device_id: Needed[NewDeviceId] = None
    device: Needed[DeviceBody] = None


@action(
    "device/save",
    needs=Permission.REGISTER_DEVICE,
    commit=devices.save_many,
    errors=(
        DeviceRefusal.ID_REQUIRED,
        DeviceRefusal.ID_CHARACTERS,
        DeviceRefusal.ID_LENGTH,
        DeviceRefusal.EMPTY,
        DeviceRefusal.NAME_REQUIRED,
        DeviceRefusal.NAME_LENGTH,
        ProtocolRefusal.NOT_AN_OBJECT,
        ProtocolRefusal.INVALID_PARAMETERS,
        NetworkRefusal.NO_ACCESS,
        DeviceTypeRefusal.NO_ACCESS,
        DeviceRefusal.NO_ACCESS,
        ProtocolRefusal.CONFLICT,
    ),
)
def save(caller: Caller, params: Save) -> DeviceSave:
    """Register a device, which needs a `name`, or update the one with this id.

    A new device goes into the first of the caller's networks and has the first device type,
    unless the request names others. An update keeps what is absent, except `data`, which it
    clears. When the answer arrives, the device is on disk.
    """
    return DeviceSave.of(caller.identity, params.device_id, params.device)


class ById(Params):
    device_id: Needed[Str] = None


@action(
    "device/get",
    needs=Permission.GET_DEVICE,
    target=gate.device,
    returns="device",
    errors=(DeviceRefusal.ID_REQUIRED, DeviceRefusal.NOT_FOUND),
)
def get(caller: Caller, params: ById) -> DeviceOut:
    """One device."""
    if params.device_id is None:
        raise DeviceRefusal.ID_REQUIRED()
    return DeviceOut.of(devices.get(caller.identity, params.device_id))


@action(
    "device/delete",
    needs=Permission.REGISTER_DEVICE,
    target=gate.device,
    errors=(DeviceRefusal.ID_REQUIRED, DeviceRefusal.NOT_FOUND),
)
def delete(caller: Caller, params: ById) -> None:
    """Delete a device. Saved again, it is a new one."""
    if params.device_id is None:
        raise DeviceRefusal.ID_REQUIRED()
    devices.delete(caller.identity, params.device_id)


class Filter(Params):
    name: Str | None = None
    name_pattern: Str | None = None
    network_id: Long | None = None
    network_name: Str | None = None


class Listing(Filter):
    sort_field: Annotated[Str, Meta(extra_json_schema={"enum": [*devices.SORTED_BY]})] | None = None
    sort_order: SortOrder | None = None
    take: Take | None = None
    skip: Skip | None = None


@action("device/list", needs=Permission.GET_DEVICE, returns="devices", errors=LIST_ERRORS)
def list_(caller: Caller, params: Listing) -> list[DeviceOut]:
    """The devices that the caller can see and that match all filters, by default in the order
    of their ids."""
    found = devices.listed(
        caller.identity,
        name=params.name,
        name_pattern=params.name_pattern,
        network_id=params.network_id,
        network_name=params.network_name,
        sort_field=params.sort_field,
        sort_order=params.sort_order,
    )
    return [DeviceOut.of(device) for device in page(found, take=params.take, skip=params.skip)]


@action("device/count", needs=Permission.GET_DEVICE, returns="count")
def count(caller: Caller, params: Filter) -> int:
    """How many devices `device/list` would show in all."""
    found = devices.listed(
        caller.identity,
        name=params.name,
        name_pattern=params.name_pattern,
        network_id=params.network_id,
        network_name=params.network_name,
    )
    return found.count()
