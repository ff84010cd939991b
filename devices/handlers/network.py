"""network/*: networks (protocol, 5.8), groups of devices that users are members of."""

from devicehive.protocol.actions import Caller, action
from devicehive.protocol.bodies import CheckedLater, Needed, Params
from devicehive.protocol.permissions import Permission
from devicehive.protocol.shapes import Bool, Long
from devices.handlers import gate
from devices.handlers.groups import Listing, NewNetworkBody
from devices.handlers.paging import LIST_ERRORS, page
from devices.refusals import GroupRefusal, GroupRule, NetworkRefusal
from devices.schemas.group import Created, GroupFilter, NetworkBody, NetworkOut, NetworkWithDevices
from devices.services import networks
from devices.services.groups import SORTED_BY


@action("network/list", needs=Permission.GET_NETWORK, returns="networks", errors=LIST_ERRORS)
def list_(caller: Caller, params: Listing) -> list[NetworkOut]:
    """The networks that the caller can see and that match all filters, by default in the order
    of their ids."""
    found = networks.find(caller.identity, params)
    return NetworkOut.of_all(page(found, SORTED_BY, params))


@action("network/count", needs=Permission.GET_NETWORK, returns="count")
def count(caller: Caller, params: GroupFilter) -> int:
    """How many networks `network/list` would show in all."""
    return networks.find(caller.identity, params).count()


class ById(Params):
    network_id: Needed[Long, NetworkRefusal.ID_REQUIRED]


@action(
    "network/get",
    needs=Permission.GET_NETWORK,
    target=gate.network,
    returns="network",
    errors=(NetworkRefusal.NOT_FOUND, NetworkRefusal.TOO_MANY_DEVICES),
)
def get(caller: Caller, params: ById) -> NetworkWithDevices:
    """One network with those of its devices that the caller can see."""
    network = networks.get(caller.identity, params.network_id)
    shown = networks.devices_shown(caller.identity, network)
    return NetworkWithDevices.including(network, shown, too_many=NetworkRefusal.TOO_MANY_DEVICES)


class Insert(Params):
    network: Needed[NewNetworkBody, NetworkRefusal.REQUIRED]


@action(
    "network/insert",
    standing=gate.renew,
    needs=Permission.MANAGE_NETWORK,
    returns="network",
    errors=(
        NetworkRefusal.NAME_TAKEN,
        GroupRefusal.ID_NOT_ALLOWED,
        *GroupRule,
    ),
)
def insert(caller: Caller, params: Insert) -> Created:
    """Create a network. It has no members: only administrators reach it."""
    new = params.network
    network = networks.insert(name=new.name, description=new.description, id_=new.id)
    return Created(network.pk)


class Update(ById):
    network: CheckedLater[NetworkBody] = None


@action(
    "network/update",
    standing=gate.renew,
    needs=Permission.MANAGE_NETWORK,
    target=gate.network,
    errors=(
        NetworkRefusal.NOT_FOUND,
        NetworkRefusal.REQUIRED,
        NetworkRefusal.NAME_TAKEN,
        GroupRule.NAME_LENGTH,
        GroupRule.DESCRIPTION_LENGTH,
    ),
)
def update(caller: Caller, params: Update) -> None:
    """Change the given members. An empty text clears the description; `null` keeps it."""
    networks.update(params.network_id, params.network)


class Delete(ById):
    force: Bool | None = None


@action(
    "network/delete",
    standing=gate.renew,
    needs=Permission.MANAGE_NETWORK,
    target=gate.network,
    errors=(NetworkRefusal.NOT_FOUND, NetworkRefusal.NOT_EMPTY),
)
def delete(caller: Caller, params: Delete) -> None:
    """Delete a network that has no devices or, with `force`, its devices too."""
    networks.delete(params.network_id, force=bool(params.force), by=caller.identity)
