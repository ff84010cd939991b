"""The rules of `device/save` (protocol, 5.4.5, checks 8 to 13): plain Python, for one save."""

from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devices.models import LONGEST_DEVICE_ID, LONGEST_NAME, new_generation
from devices.refusals import DeviceRefusal, DeviceTypeRefusal, NetworkRefusal
from devices.services.device_save import DeviceSave
from devices.services.device_table import DeviceRow
from devices.services.save_context import SaveContext


def apply(save: DeviceSave, current: DeviceRow | None, context: SaveContext) -> DeviceRow:
    """The row that `save` makes of `current`, or of nothing. Raises Refused."""
    network_id = _network(save, current, context)
    device_type_id = _device_type(save, current, context)
    if current is None:
        _check_new(save)
        assert save.name is not None
        return DeviceRow(
            save.device_id,
            save.name,
            save.data,
            network_id,
            device_type_id,
            new_generation(),
            bool(save.is_blocked),
        )
    if not context.shows(save.principal, current):
        raise DeviceRefusal.NO_ACCESS()
    if save.name is not None and not 1 <= len(save.name) <= LONGEST_NAME:
        raise DeviceRefusal.NAME_LENGTH()
    return DeviceRow(
        save.device_id,
        current.name if save.name is None else save.name,
        # Otherwise not kept when absent: Go's client leaves out an empty `data`.
        current.data if save.keeps_data else save.data,
        network_id,
        device_type_id,
        current.generation,
        current.is_blocked if save.is_blocked is None else save.is_blocked,
    )


def _network(save: DeviceSave, current: DeviceRow | None, context: SaveContext) -> int:
    """Checks 8a to 8c."""
    if save.network_id is not None:
        if save.network_id not in context.networks:
            raise ProtocolRefusal.INVALID_PARAMETERS()
        if not context.admits(save.principal, save.network_id):
            raise NetworkRefusal.NO_ACCESS()
        return save.network_id
    if current is not None:
        return current.network_id
    default = context.default_networks.get(save.principal)
    if default is None:
        raise NetworkRefusal.NO_ACCESS()
    return default


def _device_type(save: DeviceSave, current: DeviceRow | None, context: SaveContext) -> int:
    """Checks 9a to 9c."""
    if save.device_type_id is not None:
        if save.device_type_id not in context.device_types:
            raise ProtocolRefusal.INVALID_PARAMETERS()
        if not save.principal.device_types.allows(save.device_type_id):
            raise DeviceTypeRefusal.NO_ACCESS()
        return save.device_type_id
    if current is not None:
        return current.device_type_id
    default = context.default_device_type(save.principal)
    if default is None:
        raise DeviceTypeRefusal.NO_ACCESS()
    return default


def _check_new(save: DeviceSave) -> None:
    """Checks 11c to 13c: all that fail, in one answer."""
    failed = []
    if save.name is None:
        failed.append(DeviceRefusal.NAME_REQUIRED)
    elif not 1 <= len(save.name) <= LONGEST_NAME:
        failed.append(DeviceRefusal.NAME_LENGTH)
    if len(save.device_id) > LONGEST_DEVICE_ID:
        failed.append(DeviceRefusal.ID_LENGTH)
    if failed:
        raise Refused(400, "".join(reason.text for reason in failed))
