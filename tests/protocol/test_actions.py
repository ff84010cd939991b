"""The registry: every action has the name, permission and target of the protocol (3.5)."""

import pytest

from devicehive.protocol.actions import Caller, action, registry
from devicehive.protocol.bodies import Params

NONE: tuple[set[str], str | None] = (set(), None)
OF_MESSAGES = {"command", "notification", "subscription"}

PERMISSION_AND_TARGET: dict[str, tuple[set[str], str | None]] = {
    "server/info": NONE,
    "server/cacheInfo": NONE,
    "cluster/info": NONE,
    "authenticate": NONE,
    "token": NONE,
    "token/refresh": NONE,
    "token/create": ({"ManageToken"}, None),
    "configuration/get": ({"ManageConfiguration"}, None),
    "configuration/put": ({"ManageConfiguration"}, None),
    "configuration/delete": ({"ManageConfiguration"}, None),
    "device/list": ({"GetDevice"}, None),
    "device/count": ({"GetDevice"}, None),
    "device/get": ({"GetDevice"}, "device"),
    "device/presence": ({"GetDevice"}, "device"),
    "presence/list": ({"GetDevice"}, None),
    "presence/count": ({"GetDevice"}, None),
    "presence/subscribe": ({"GetDevice"}, "device"),
    "presence/unsubscribe": ({"GetDevice"}, None),
    "device/save": ({"RegisterDevice"}, None),
    "device/delete": ({"RegisterDevice"}, "device"),
    "command/insert": ({"CreateDeviceCommand"}, "device"),
    "command/update": ({"UpdateDeviceCommand"}, "device"),
    "command/get": ({"GetDeviceCommand"}, "device"),
    "command/list": ({"GetDeviceCommand"}, "device"),
    "command/subscribe": ({"GetDeviceCommand"}, "device"),
    "command/unsubscribe": ({"GetDeviceCommand"}, None),
    "notification/insert": ({"CreateDeviceNotification"}, "device"),
    "notification/get": ({"GetDeviceNotification"}, None),
    "notification/list": ({"GetDeviceNotification"}, None),
    "notification/subscribe": ({"GetDeviceNotification"}, "device"),
    "notification/unsubscribe": ({"GetDeviceNotification"}, None),
    "subscription/list": ({"GetDeviceCommand", "GetDeviceNotification"}, None),
    "network/list": ({"GetNetwork"}, None),
    "network/count": ({"GetNetwork"}, None),
    "network/get": ({"GetNetwork"}, "network"),
    "network/insert": ({"ManageNetwork"}, None),
    "network/update": ({"ManageNetwork"}, "network"),
    "network/delete": ({"ManageNetwork"}, "network"),
    "devicetype/list": ({"GetDeviceType"}, None),
    "devicetype/count": ({"GetDeviceType"}, None),
    "devicetype/get": ({"GetDeviceType"}, "device_type"),
    "devicetype/insert": ({"ManageDeviceType"}, None),
    "devicetype/update": ({"ManageDeviceType"}, "device_type"),
    "devicetype/delete": ({"ManageDeviceType"}, "device_type"),
    "user/list": ({"ManageUser"}, None),
    "user/count": ({"ManageUser"}, None),
    "user/get": ({"ManageUser"}, None),
    "user/insert": ({"ManageUser"}, None),
    "user/update": ({"ManageUser"}, None),
    "user/delete": ({"ManageUser"}, None),
    "user/getCurrent": ({"GetCurrentUser"}, None),
    "user/updateCurrent": ({"UpdateCurrentUser"}, None),
    "user/getNetwork": ({"GetNetwork"}, None),
    "user/assignNetwork": ({"ManageNetwork"}, None),
    "user/unassignNetwork": ({"ManageNetwork"}, None),
    "user/getDeviceType": ({"GetDeviceType"}, None),
    "user/getDeviceTypes": ({"ManageDeviceType"}, None),
    "user/assignDeviceType": ({"ManageDeviceType"}, None),
    "user/unassignDeviceType": ({"ManageDeviceType"}, None),
    "user/allowAllDeviceTypes": ({"ManageDeviceType"}, None),
    "user/disallowAllDeviceTypes": ({"ManageDeviceType"}, None),
}


@pytest.mark.parametrize("name", sorted(registry))
def test_an_action_has_the_permission_and_target_of_the_protocol(name: str) -> None:
    found = registry[name]
    needs = {permission.wire_name for permission in found.needs}
    assert (needs, found.target and found.target.__name__) == PERMISSION_AND_TARGET[name]


def test_no_action_is_missing_but_those_of_messages() -> None:
    missing = PERMISSION_AND_TARGET.keys() - registry.keys()
    assert {name.partition("/")[0] for name in missing} <= OF_MESSAGES


def test_an_action_has_one_handler() -> None:
    def info(caller: Caller, params: Params) -> None: ...

    with pytest.raises(ValueError, match="two handlers for the action server/info"):
        action("server/info")(info)
