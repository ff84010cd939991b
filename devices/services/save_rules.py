"""The rules of `device/save` (protocol, 5.4.5, checks 8 to 13): plain Python, for one save."""

from devicehive.orm.records import change_record, make_record
from devicehive.protocol.columns import given
from devicehive.protocol.refusals import ProtocolRefusal, all_of
from devices.models import LONGEST_DEVICE_ID, LONGEST_NAME, Device
from devices.refusals import DeviceRefusal, DeviceTypeRefusal, NetworkRefusal
from devices.services.blocking import check_not_blocked
from devices.services.device_save import DeviceSave
from devices.services.save_context import SaveContext


def apply(save: DeviceSave, current: Device | None, context: SaveContext) -> Device:
    """The row after `save`; `current` is the stored one, or None. Raises Refused."""
    columns = given(save.device) | {
        "network_id": _network(save, current, context),
        "device_type_id": _device_type(save, current, context),
    }
    if current is None:
        _check_new(save)
        return make_record(Device, columns | {"id": save.device_id})
    if save.only_new:
        raise DeviceRefusal.ID_TAKEN()
    if not context.shows(save.principal, current):
        raise DeviceRefusal.NO_ACCESS()
    check_not_blocked(save.principal, current)
    if save.device.name is not None and not _is_name(save.device.name):
        raise DeviceRefusal.NAME_LENGTH()
    if not save.keeps_data:
        # Absent `data` clears it: the Go client leaves out an empty `data`.
        columns.setdefault("data", None)
    return change_record(current, columns)


def _network(save: DeviceSave, current: Device | None, context: SaveContext) -> int:
    """The network of the device after the save: checks 8a to 8c. Raises Refused."""
    if save.device.network_id is not None:
        if save.device.network_id not in context.networks:
            raise ProtocolRefusal.INVALID_PARAMETERS()
        if not context.admits(save.principal, save.device.network_id):
            raise NetworkRefusal.NO_ACCESS()
        return save.device.network_id
    if current is not None:
        return current.network_id
    default = context.default_networks.get(save.principal)
    if default is None:
        raise NetworkRefusal.NO_ACCESS()
    return default


def _device_type(save: DeviceSave, current: Device | None, context: SaveContext) -> int:
    """The type of the device after the save: checks 9a to 9c. Raises Refused."""
    if save.device.device_type_id is not None:
        if save.device.device_type_id not in context.device_types:
            raise ProtocolRefusal.INVALID_PARAMETERS()
        if not context.permits(save.principal, save.device.device_type_id):
            raise DeviceTypeRefusal.NO_ACCESS()
        return save.device.device_type_id
    if current is not None:
        return current.device_type_id
    default = context.default_device_type(save.principal)
    if default is None:
        raise DeviceTypeRefusal.NO_ACCESS()
    return default


def _check_new(save: DeviceSave) -> None:
    """Make checks 11c to 13c; one answer names all that fail. Raises Refused."""
    failed = []
    if save.device.name is None:
        failed.append(DeviceRefusal.NAME_REQUIRED)
    elif not _is_name(save.device.name):
        failed.append(DeviceRefusal.NAME_LENGTH)
    if len(save.device_id) > LONGEST_DEVICE_ID:
        failed.append(DeviceRefusal.ID_LENGTH)
    if failed:
        raise all_of(failed)


def _is_name(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_NAME
