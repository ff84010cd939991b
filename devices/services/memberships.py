"""Who is a member of which network, asked for many at once."""

from devices.models import User
from devices.statements import Select

Membership = User.networks.through

_MEMBERSHIPS = Select(
    lambda: (
        Membership.objects.filter(user__among="")
        .filter(network__among="")
        .values_list("user_id", "network_id")
    )
)


def memberships(users: set[int], networks: set[int]) -> frozenset[tuple[int, int]]:
    """The pairs of these users and networks that belong together."""
    if not users or not networks:
        return frozenset()
    return frozenset((user, network) for user, network in _MEMBERSHIPS.fetch(users, networks))
