"""configuration/*: configuration (protocol, 5.3), the named values of an installation."""

from devicehive.protocol.actions import Caller, action
from devicehive.protocol.bodies import CheckedLater, Needed, Params
from devicehive.protocol.permissions import Permission
from devicehive.protocol.shapes import Str
from devices.handlers import gate
from devices.refusals import ConfigurationRefusal, ConfigurationRule
from devices.schemas.configuration import ConfigurationOut
from devices.schemas.limits import ConfigurationName, ConfigurationValue
from devices.services import configuration


class ByName(Params):
    name: Needed[Str, ConfigurationRefusal.NAME_REQUIRED]


@action(
    "configuration/get",
    needs=Permission.MANAGE_CONFIGURATION,
    returns="configuration",
    errors=(ConfigurationRefusal.NOT_FOUND,),
)
def get(caller: Caller, params: ByName) -> ConfigurationOut:
    """One entry. The secret that signs tokens is not an entry."""
    return ConfigurationOut.of(configuration.get(params.name))


class Put(Params):
    name: Needed[ConfigurationName, ConfigurationRefusal.NAME_REQUIRED]
    value: CheckedLater[ConfigurationValue] = None


@action(
    "configuration/put",
    standing=gate.renew,
    needs=Permission.MANAGE_CONFIGURATION,
    returns="configuration",
    errors=(ConfigurationRefusal.NAME_LENGTH, *ConfigurationRule),
)
def put(caller: Caller, params: Put) -> ConfigurationOut:
    """Create or replace an entry. The answer to a creation has `null` for the id.

    No entry can have the name `jwt.secret`: the secret that signs tokens is not an entry.
    """
    return ConfigurationOut.of_put(configuration.put(params.name, params.value))


@action(
    "configuration/delete",
    standing=gate.renew,
    needs=Permission.MANAGE_CONFIGURATION,
    errors=(ConfigurationRefusal.NOT_FOUND,),
)
def delete(caller: Caller, params: ByName) -> None:
    """Delete an entry. If the server uses its value, the default applies again."""
    configuration.delete(params.name)
