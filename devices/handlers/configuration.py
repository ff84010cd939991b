"""configuration/*: configuration (protocol, 5.3), the named values of an installation."""

from devicehive.protocol.actions import Caller, action
from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import required
from devicehive.protocol.shapes import Needed, Params, Str
from devices.refusals import ConfigurationRefusal, ConfigurationRule
from devices.schemas.configuration import ConfigurationOut
from devices.schemas.limits import ConfigurationName, ConfigurationValue
from devices.services import configuration


class ByName(Params):
    name: Needed[Str] = None


@action(
    "configuration/get",
    needs=Permission.MANAGE_CONFIGURATION,
    returns="configuration",
    errors=(ConfigurationRefusal.NAME_REQUIRED, ConfigurationRefusal.NOT_FOUND),
)
def get(caller: Caller, params: ByName) -> ConfigurationOut:
    """One entry. The secret that signs tokens is none."""
    name = required(params.name, ConfigurationRefusal.NAME_REQUIRED)
    return ConfigurationOut.of(configuration.get(name))


class Put(Params):
    name: Needed[ConfigurationName] = None
    value: Needed[ConfigurationValue] = None


@action(
    "configuration/put",
    needs=Permission.MANAGE_CONFIGURATION,
    returns="configuration",
    errors=(
        ConfigurationRefusal.NAME_REQUIRED,
        ConfigurationRefusal.NAME_LENGTH,
        *ConfigurationRule,
    ),
)
def put(caller: Caller, params: Put) -> ConfigurationOut:
    """Create or replace an entry. The answer to a creation has `null` for the id.

    There can be none with the name `jwt.secret`: the secret that signs tokens is no entry.
    """
    name = required(params.name, ConfigurationRefusal.NAME_REQUIRED)
    return ConfigurationOut.of_put(configuration.put(name, params.value))


@action(
    "configuration/delete",
    needs=Permission.MANAGE_CONFIGURATION,
    errors=(ConfigurationRefusal.NAME_REQUIRED, ConfigurationRefusal.NOT_FOUND),
)
def delete(caller: Caller, params: ByName) -> None:
    """Delete an entry. What the server reads of it has its default again."""
    configuration.delete(required(params.name, ConfigurationRefusal.NAME_REQUIRED))
