"""device/*: devices (protocol, 5.4): registering them and looking them up."""

from typing import Annotated

from msgspec import Meta

from devicehive.protocol.actions import Caller, action
from devicehive.protocol.bodies import CheckedLater, Needed, Params
from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.shapes import Str
from devices.handlers import gate
from devices.handlers.paging import LIST_ERRORS, page
from devices.refusals import DeviceRefusal, DeviceTypeRefusal, NetworkRefusal
from devices.schemas.device import DeviceBody, DeviceFilter, DeviceOut
from devices.schemas.limits import NewDeviceId, Skip, SortOrder, Take
from devices.services import devices
from devices.services.device_get import DeviceGet
from devices.services.device_save import DeviceSave


class Save(Params):
    device_id: Needed[NewDeviceId, DeviceRefusal.ID_REQUIRED]
    device: CheckedLater[DeviceBody] = None


@action(
    "device/save",
    needs=Permission.REGISTER_DEVICE,
    commit=devices.save_many,
    of_devices=True,
    errors=(
        DeviceRefusal.ID_CHARACTERS,
        DeviceRefusal.ID_LENGTH,
        DeviceRefusal.EMPTY,
        DeviceRefusal.NAME_REQUIRED,
        DeviceRefusal.NAME_LENGTH,
        ProtocolRefusal.INVALID_PARAMETERS,
        NetworkRefusal.NO_ACCESS,
        DeviceTypeRefusal.NO_ACCESS,
        DeviceRefusal.NO_ACCESS,
        DeviceRefusal.BLOCKED,
        ProtocolRefusal.CONFLICT,
    ),
)
def save(caller: Caller, params: Save) -> DeviceSave:
    """Register a device, which needs a `name`, or update the one with this id.

    A new device gets the first of the caller's networks and the first device type, unless the
    request names others. An update keeps absent members, except `data`, which it clears. When
    the answer arrives, the device is on disk.

    `isBlocked` is stored and shown. With the setting `ENFORCE_BLOCKED`, only administrators can
    save and delete a blocked device, and use its commands and notifications.
    """
    return DeviceSave.of(caller.identity, params.device_id, params.device)


class ById(Params):
    device_id: Needed[Str, DeviceRefusal.ID_REQUIRED]


@action(
    "device/get",
    needs=Permission.GET_DEVICE,
    target=gate.device,
    look_up=devices.get_many,
    returns="device",
    answer=DeviceOut,
    shape=DeviceOut.of,
    errors=(DeviceRefusal.NOT_FOUND,),
)
def get(caller: Caller, params: ById) -> DeviceGet:
    """One device."""
    return DeviceGet(caller.identity, params.device_id)


@action(
    "device/delete",
    needs=Permission.REGISTER_DEVICE,
    target=gate.device,
    errors=(DeviceRefusal.NOT_FOUND, DeviceRefusal.BLOCKED),
)
def delete(caller: Caller, params: ById) -> None:
    """Delete a device. If it is saved again, it is a new device."""
    devices.delete(caller.identity, params.device_id)


class Listing(DeviceFilter):
    sort_field: Annotated[Str, Meta(extra_json_schema={"enum": [*devices.SORTED_BY]})] | None = None
    sort_order: SortOrder | None = None
    take: Take | None = None
    skip: Skip | None = None


@action("device/list", needs=Permission.GET_DEVICE, returns="devices", errors=LIST_ERRORS)
def list_(caller: Caller, params: Listing) -> list[DeviceOut]:
    """The devices that the caller can see and that match all filters, by default in the order
    of their ids."""
    found = devices.find(caller.identity, params)
    return DeviceOut.of_all(page(found, devices.SORTED_BY, params))


@action("device/count", needs=Permission.GET_DEVICE, returns="count")
def count(caller: Caller, params: DeviceFilter) -> int:
    """How many devices `device/list` would show in all."""
    return devices.find(caller.identity, params).count()
