"""What networks and device types share: both are named groups of devices (protocol, 5.8, 5.9).

The modules `networks` and `device_types` are one `Groups` each.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from devicehive.orm.changes import ChangeSignal
from devicehive.protocol.permissions import Limit, Principal
from devicehive.protocol.refusals import Violation, invalid
from devices.models import LONGEST_DESCRIPTION, LONGEST_NAME, Device, DeviceType, Network
from devices.refusals import DeviceTypeRefusal, GroupRefusal, GroupRule, NetworkRefusal
from devices.schemas.group import GroupBody, GroupFilter
from devices.services import access

G = TypeVar("G", Network, DeviceType)

SORTED_BY = {"id": ("id",), "name": ("name",)}
MOST_NAMED = 1_000
"""The most devices that a refused deletion names, because there may be a hundred thousand."""


class Groups(Generic[G]):
    def __init__(
        self,
        model: type[G],
        errors: type[NetworkRefusal] | type[DeviceTypeRefusal],
        *,
        changed: ChangeSignal[G],
        visible: Callable[[Principal], QuerySet[G]],
        accessible: Callable[[Principal], QuerySet[G]],
        others: tuple[str, Callable[[Principal], Limit]],
    ) -> None:
        """`others` describes the other kind of group that a device is in: the column of the device,
        and which of these groups a token gives access to."""
        self.model: type[G] = model
        self.errors = errors
        self.changed: ChangeSignal[G] = changed
        self._visible: Callable[[Principal], QuerySet[G]] = visible
        self._accessible: Callable[[Principal], QuerySet[G]] = accessible
        self._other_column, self._others = others

    def get(self, principal: Principal, id_: int) -> G:
        """Raises Refused if there is none with this id that the principal can see."""
        group = self._visible(principal).filter(id=id_).first()
        if group is None:
            raise self.errors.NOT_FOUND(id_)
        return group

    def check_known(self, id_: int) -> None:
        """Raises Refused if there is none with this id, visible or not."""
        if not self.model.objects.filter(id=id_).exists():
            raise self.errors.NOT_FOUND(id_)

    def devices_shown(self, principal: Principal, group: G) -> QuerySet[Device]:
        """The devices that `*/get` shows: those that are visible (R-39).

        In compatible mode these are all devices of the group, limited only by the token's list of
        the other kind (types for a network, networks for a type), if it has one (R-50).
        """
        devices = group.devices.order_by("id")
        if not settings.COMPATIBLE_MODE:
            return access.visible_devices(principal, devices)
        limit = self._others(principal)
        return devices.filter(limit.q(self._other_column)) if limit.ids else devices

    def find(self, principal: Principal, wanted: GroupFilter) -> QuerySet[G]:
        """The groups of `*/list` and `*/count`, in no order (5.8.1)."""
        groups: QuerySet[G] = self._accessible(principal)
        if wanted.name is not None:
            groups = groups.filter(name=wanted.name)
        if wanted.name_pattern is not None:
            groups = groups.filter(name__like=wanted.name_pattern)
        return groups

    def insert(
        self, *, name: str | None, description: str | None = None, id_: int | None = None
    ) -> G:
        """Create one. Raises Refused, for any `id_` too: the database assigns it (5.8.3)."""
        if name is None:
            required = Violation("name", None, GroupRule.NAME_REQUIRED)
            raise invalid(required, *_too_long(name, description))
        check_lengths(name, description)
        if id_ is not None:
            raise GroupRefusal.ID_NOT_ALLOWED()
        try:
            with transaction.atomic():
                return self.model.objects.create(name=name, description=description)
        except IntegrityError:
            raise self.errors.NAME_TAKEN() from None

    def update(self, id_: int, change: GroupBody | None) -> None:
        """Change the given members; only "" clears `description`. Raises Refused."""
        self.check_known(id_)
        if change is None:
            raise self.errors.REQUIRED()
        check_lengths(change.name, change.description)
        members = {"name": change.name, "description": change.description}
        given = {member: value for member, value in members.items() if value is not None}
        try:
            with transaction.atomic():
                stored = self.model.objects.filter(id=id_)
                found = stored.update(**given) if given else stored.exists()
                if found:
                    self.changed.tell_update(id_)
        except IntegrityError:
            raise self.errors.NAME_TAKEN() from None
        if not found:
            raise self.errors.NOT_FOUND(id_)

    def delete(self, id_: int, *, force: bool = False, by: Principal | None = None) -> None:
        """Delete one that has no devices or, with `force`, its devices too. Raises Refused, with
        the names of those that `by` can see (R-39)."""
        with transaction.atomic():
            _hold_up_saves()
            # Without the lock, a user could be assigned after the assignments were deleted.
            group = self.model.objects.select_for_update().filter(id=id_).first()
            if group is None:
                raise self.errors.NOT_FOUND(id_)
            if not force:
                self._check_empty(group, by)
            group.delete()

    def delete_with_devices(self, groups: QuerySet[G]) -> None:
        """Delete groups that a person selected, with their devices, after a confirmation page."""
        with transaction.atomic():
            _hold_up_saves()
            ids = list(groups.order_by("id").values_list("id", flat=True))
            doomed = self.model.objects.filter(id__in=ids)
            list(doomed.order_by("id").select_for_update())
            doomed.delete()

    def _check_empty(self, group: G, by: Principal | None) -> None:
        devices = group.devices.order_by("id")
        if not devices.exists():
            return
        shown = devices if by is None else access.visible_devices(by, devices)
        ids = list(shown.values_list("id", flat=True)[:MOST_NAMED])
        rest = ["..."] if devices.count() > len(ids) else []
        raise self.errors.NOT_EMPTY(", ".join(ids + rest))


def _hold_up_saves() -> None:
    """Wait for the saves under way and let no others begin until this transaction ends.

    Otherwise a device could be added to a group that was just found empty. A lock on the group
    alone would deadlock with a batch that holds a device of the group and adds another to it.
    With 100,000 devices to delete, saves wait for about 0.2 s. On SQLite only one transaction
    writes at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE devices_device IN EXCLUSIVE MODE")


def _too_long(name: str | None, description: str | None) -> list[Violation]:
    violations = []
    if name is not None and not 1 <= len(name) <= LONGEST_NAME:
        violations.append(Violation("name", name, GroupRule.NAME_LENGTH))
    if description is not None and len(description) > LONGEST_DESCRIPTION:
        violations.append(Violation("description", description, GroupRule.DESCRIPTION_LENGTH))
    return violations


def check_lengths(name: str | None, description: str | None) -> None:
    """Refuse an empty name, and a name or description that is too long. Raises Refused."""
    violations = _too_long(name, description)
    if violations:
        raise invalid(*violations)
