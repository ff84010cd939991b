"""configuration/*: named values of the installation (protocol, 5.3)."""

from devicehive.actions import Caller, action
from devicehive.permissions import Permission
from devicehive.shapes import Params, Str
from devices.errors import ConfigurationError
from devices.schemas import ConfigurationOut
from devices.services import configuration


class ByName(Params):
    name: Str | None = None


@action("configuration/get", needs=Permission.MANAGE_CONFIGURATION, returns="configuration")
def get(caller: Caller, params: ByName) -> ConfigurationOut:
    return ConfigurationOut.of(configuration.get(_required(params.name)))


class Put(ByName):
    value: Str | None = None


@action("configuration/put", needs=Permission.MANAGE_CONFIGURATION, returns="configuration")
def put(caller: Caller, params: Put) -> ConfigurationOut:
    return ConfigurationOut.of_put(configuration.put(_required(params.name), params.value))


@action("configuration/delete", needs=Permission.MANAGE_CONFIGURATION)
def delete(caller: Caller, params: ByName) -> None:
    configuration.delete(_required(params.name))


def _required(name: str | None) -> str:
    if name is None:
        raise ConfigurationError.NAME_REQUIRED()
    return name
