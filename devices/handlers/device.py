"""device/*: devices (protocol, 5.4): registering them and looking them up."""

from typing import Annotated

from msgspec import Meta

from devicehive.actions import Caller, action
from devicehive.errors import ProtocolError
from devicehive.permissions import Permission
from devicehive.shapes import Long, Needed, Params, Str
from devices import targets
from devices.errors import DeviceError, DeviceTypeError, NetworkError
from devices.handlers.paging import LIST_ERRORS, page
from devices.members import NewDeviceId, Skip, SortOrder, Take
from devices.schemas import DeviceBody, DeviceOut
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
        DeviceError.ID_REQUIRED,
        DeviceError.ID_CHARACTERS,
        DeviceError.ID_LENGTH,
        DeviceError.EMPTY,
        DeviceError.NAME_REQUIRED,
        DeviceError.NAME_LENGTH,
        ProtocolError.NOT_AN_OBJECT,
        ProtocolError.INVALID_PARAMETERS,
        NetworkError.NO_ACCESS,
        DeviceTypeError.NO_ACCESS,
        DeviceError.NO_ACCESS,
        DeviceError.CONFLICT,
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
    target=targets.device,
    returns="device",
    errors=(DeviceError.ID_REQUIRED, DeviceError.NOT_FOUND),
)
def get(caller: Caller, params: ById) -> DeviceOut:
    """One device."""
    if params.device_id is None:
        raise DeviceError.ID_REQUIRED()
    return DeviceOut.of(devices.get(caller.identity, params.device_id))


@action(
    "device/delete",
    needs=Permission.REGISTER_DEVICE,
    target=targets.device,
    errors=(DeviceError.ID_REQUIRED, DeviceError.NOT_FOUND),
)
def delete(caller: Caller, params: ById) -> None:
    """Delete a device. Saved again, it is a new one."""
    if params.device_id is None:
        raise DeviceError.ID_REQUIRED()
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
