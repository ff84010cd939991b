"""network/*: networks (protocol, 5.8), the groups of devices whose members users are."""

from devicehive.protocol.actions import Caller, action
from devicehive.protocol.permissions import Permission
from devicehive.protocol.shapes import Bool, Long, Needed, Params
from devices.handlers import gate
from devices.handlers.groups import Filter, GroupBody, Listing, NewGroupBody
from devices.handlers.paging import LIST_ERRORS, page
from devices.refusals import GroupRefusal, GroupRule, NetworkRefusal
from devices.schemas.group import GroupCreated, GroupOut, GroupWithDevices
from devices.services import networks


@action("network/list", needs=Permission.GET_NETWORK, returns="networks", errors=LIST_ERRORS)
def list_(caller: Caller, params: Listing) -> list[GroupOut]:
    """The networks that the caller can see and that match all filters, by default in the order
    of their ids."""
    found = networks.listed(
        caller.identity,
        name=params.name,
        name_pattern=params.name_pattern,
        sort_field=params.sort_field,
        sort_order=params.sort_order,
    )
    return [GroupOut.of(network) for network in page(found, take=params.take, skip=params.skip)]


@action("network/count", needs=Permission.GET_NETWORK, returns="count")
def count(caller: Caller, params: Filter) -> int:
    """How many networks `network/list` would show in all."""
    return networks.listed(
        caller.identity, name=params.name, name_pattern=params.name_pattern
    ).count()


class ById(Params):
    network_id: Needed[Long] = None


@action(
    "network/get",
    needs=Permission.GET_NETWORK,
    target=gate.network,
    returns="network",
    errors=(NetworkRefusal.ID_REQUIRED, NetworkRefusal.NOT_FOUND),
)
def get(caller: Caller, params: ById) -> GroupWithDevices:
    """One network with its devices: those of the types that the token lists, if it lists any."""
    network = networks.get(caller.identity, _required(params.network_id))
    return GroupWithDevices.including(network, networks.devices_shown(caller.identity, network))


class Insert(Params):
    network: Needed[NewGroupBody] = None


@action(
    "network/insert",
    needs=Permission.MANAGE_NETWORK,
    returns="network",
    errors=(
        NetworkRefusal.REQUIRED,
        NetworkRefusal.NAME_TAKEN,
        GroupRefusal.ID_NOT_ALLOWED,
        *GroupRule,
    ),
)
def insert(caller: Caller, params: Insert) -> GroupCreated:
    """Create a network. It has no members: only administrators reach it."""
    if params.network is None:
        raise NetworkRefusal.REQUIRED()
    new = params.network
    network = networks.insert(name=new.name, description=new.description, id_=new.id)
    return GroupCreated(network.pk)


class Update(ById):
    network: Needed[GroupBody] = None


@action(
    "network/update",
    needs=Permission.MANAGE_NETWORK,
    target=gate.network,
    errors=(
        NetworkRefusal.ID_REQUIRED,
        NetworkRefusal.NOT_FOUND,
        NetworkRefusal.REQUIRED,
        NetworkRefusal.NAME_TAKEN,
        GroupRule.NAME_LENGTH,
        GroupRule.DESCRIPTION_LENGTH,
    ),
)
def update(caller: Caller, params: Update) -> None:
    """Change what is given. An empty text clears the description; `null` keeps it."""
    network = networks.existing(_required(params.network_id))
    if params.network is None:
        raise NetworkRefusal.REQUIRED()
    networks.update(network, name=params.network.name, description=params.network.description)


class Delete(ById):
    force: Bool | None = None


@action(
    "network/delete",
    needs=Permission.MANAGE_NETWORK,
    target=gate.network,
    errors=(NetworkRefusal.ID_REQUIRED, NetworkRefusal.NOT_FOUND, NetworkRefusal.NOT_EMPTY),
)
def delete(caller: Caller, params: Delete) -> None:
    """Delete a network that has no devices or, with `force`, its devices too."""
    networks.delete(_required(params.network_id), force=bool(params.force))


def _required(network_id: int | None) -> int:
    if network_id is None:
        raise NetworkRefusal.ID_REQUIRED()
    return network_id
