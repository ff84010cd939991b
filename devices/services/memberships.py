"""Who is a member of which network, asked for many at once."""

from django.db.models import Q

from devicehive.orm.compiled import Select, execute
from devices.models import Device, User

Membership = User.networks.through

IN_NETWORKS_OR_OF_DEVICES = Select(
    lambda: (
        Membership.objects.filter(user__among="")
        .filter(
            Q(network__among="")
            | Q(network__in=Device.objects.filter(id__among="").values("network_id"))
        )
        .values_list("user_id", "network_id")
    )
)
"""Those of users in networks, given themselves or by devices in them."""


def memberships(users: set[int], networks: set[int]) -> frozenset[tuple[int, int]]:
    """The pairs of these users and networks that belong together."""
    if not networks:
        return frozenset()
    (pairs,) = execute(IN_NETWORKS_OR_OF_DEVICES.among(users, networks, ()))
    return frozenset((user, network) for user, network in pairs)
