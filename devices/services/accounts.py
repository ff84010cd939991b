"""What log-ins need to know about their users, read for many log-ins in one query."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from devicehive.orm.compiled import Select, execute
from devicehive.orm.records import column_names, read_records
from devices.models import Configuration, User
from devices.services.configuration import number_of

FREE_ATTEMPTS = "user.login.maxAttempts"
FREE_UNLESS_SAID = 10

USERS = Select(
    lambda logins: User.objects.filter(login__among=logins).values_list(*column_names(User))
)
NETWORKS = Select(
    lambda logins: (
        User.networks.through.objects.filter(user__login__among=logins)
        .order_by("network_id")
        .values_list("user_id", "network_id")
    )
)
DEVICE_TYPES = Select(
    lambda logins: (
        User.device_types.through.objects.filter(user__login__among=logins)
        .order_by("devicetype_id")
        .values_list("user_id", "devicetype_id")
    )
)
ENTRIES = Select(lambda names: Configuration.objects.filter(name__among=names).values_list("value"))


@dataclass(slots=True)
class Account:
    """The user with a login, if there is one, and what a log-in needs to know besides."""

    user: User | None
    free_attempts: int
    """How many wrong passwords have no consequence."""
    networks: list[int] = field(default_factory=list)
    device_types: list[int] = field(default_factory=list)
    """The device types that the user is restricted to, if it may not use all."""


def look_up_many(logins: Sequence[str]) -> list[Account]:
    """The account of each login, in order."""
    wanted = set(logins)
    users, networks, types, entries = execute(
        USERS.among(wanted),
        NETWORKS.among(wanted),
        DEVICE_TYPES.among(wanted),
        ENTRIES.among([FREE_ATTEMPTS]),
    )
    by_login = {user.login: user for user in read_records(User, users)}
    networks_of, types_of = _by_user(networks), _by_user(types)
    free = number_of(entries[0][0] if entries else None, FREE_UNLESS_SAID, least=1)
    accounts = []
    for login in logins:
        user = by_login.get(login)
        id_ = None if user is None else user.pk
        accounts.append(Account(user, free, networks_of[id_], types_of[id_]))
    return accounts


def look_up(login: str) -> Account:
    return look_up_many([login])[0]


def _by_user(rows: Sequence[tuple[int, int]]) -> "defaultdict[int | None, list[int]]":
    found: defaultdict[int | None, list[int]] = defaultdict(list)
    for user_id, id_ in rows:
        found[user_id].append(id_)
    return found
