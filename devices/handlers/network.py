"""network/*: the groups of devices whose members users are (protocol, 5.8)."""

from devicehive.actions import Caller, action
from devicehive.permissions import Permission
from devicehive.shapes import Bool, Long, Params
from devices import targets
from devices.errors import NetworkError
from devices.handlers.groups import Filter, GroupBody, Listing, NewGroupBody
from devices.handlers.paging import descending, page
from devices.schemas import GroupOut, GroupWithDevices
from devices.services import networks


@action("network/list", needs=Permission.GET_NETWORK, returns="networks")
def list_(caller: Caller, params: Listing) -> list[GroupOut]:
    found = networks.listed(
        caller.identity,
        name=params.name,
        name_pattern=params.name_pattern,
        sort_field=params.sort_field,
        descending=descending(params.sort_order),
    )
    return [GroupOut.of(network) for network in page(found, take=params.take, skip=params.skip)]


@action("network/count", needs=Permission.GET_NETWORK, returns="count")
def count(caller: Caller, params: Filter) -> int:
    return networks.listed(
        caller.identity, name=params.name, name_pattern=params.name_pattern
    ).count()


class ById(Params):
    network_id: Long | None = None


@action("network/get", needs=Permission.GET_NETWORK, target=targets.network, returns="network")
def get(caller: Caller, params: ById) -> GroupWithDevices:
    network = networks.get(caller.identity, _required(params.network_id))
    return GroupWithDevices.including(network, networks.devices_shown(caller.identity, network))


class Insert(Params):
    network: NewGroupBody | None = None


@action("network/insert", needs=Permission.MANAGE_NETWORK, returns="network")
def insert(caller: Caller, params: Insert) -> dict[str, int]:
    if params.network is None:
        raise NetworkError.REQUIRED()
    new = params.network
    network = networks.insert(name=new.name, description=new.description, id_=new.id)
    return {"id": network.pk}


class Update(ById):
    network: GroupBody | None = None


@action("network/update", needs=Permission.MANAGE_NETWORK, target=targets.network)
def update(caller: Caller, params: Update) -> None:
    network = networks.existing(_required(params.network_id))
    if params.network is None:
        raise NetworkError.REQUIRED()
    networks.update(network, name=params.network.name, description=params.network.description)


class Delete(ById):
    force: Bool | None = None


@action("network/delete", needs=Permission.MANAGE_NETWORK, target=targets.network)
def delete(caller: Caller, params: Delete) -> None:
    networks.delete(_required(params.network_id), force=bool(params.force))


def _required(network_id: int | None) -> int:
    if network_id is None:
        raise NetworkError.ID_REQUIRED()
    return network_id
