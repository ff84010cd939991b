"""configuration/*: named values of the installation (protocol, 5.3)."""

from devicehive.actions import Caller, action
from devicehive.errors import required
from devicehive.permissions import Permission
from devicehive.shapes import Params, Str
from devices.errors import ConfigurationError
from devices.schemas import ConfigurationOut
from devices.services import configuration


class ByName(Params):
    name: Str | None = None


@action("configuration/get", needs=Permission.MANAGE_CONFIGURATION, returns="configuration")
def get(caller: Caller, params: ByName) -> ConfigurationOut:
    name = required(params.name, ConfigurationError.NAME_REQUIRED)
    return ConfigurationOut.of(configuration.get(name))


class Put(Params):
    name: Str | None = None
    value: Str | None = None


@action("configuration/put", needs=Permission.MANAGE_CONFIGURATION, returns="configuration")
def put(caller: Caller, params: Put) -> ConfigurationOut:
    name = required(params.name, ConfigurationError.NAME_REQUIRED)
    return ConfigurationOut.of_put(configuration.put(name, params.value))


@action("configuration/delete", needs=Permission.MANAGE_CONFIGURATION)
def delete(caller: Caller, params: ByName) -> None:
    configuration.delete(required(params.name, ConfigurationError.NAME_REQUIRED))
