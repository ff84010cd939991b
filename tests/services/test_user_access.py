"""Networks and device types of users, when two change them at the same time."""

import pytest
from django.db import transaction

from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devices.models import DeviceType, Network, User
from devices.services import user_access, users
from devices.services.standing import unlimited
from tests.factories import make_user
from tests.meanwhile import Meanwhile, seen_by_all_threads

pytestmark = seen_by_all_threads


@pytest.fixture
def admin(db: None) -> Principal:
    return unlimited(make_user("admin", role=User.Role.ADMIN))


@pytest.fixture
def dave(db: None) -> User:
    return make_user("dave", all_device_types_available=False)


def test_a_user_assigned_just_before_is_deleted(admin: Principal, dave: User) -> None:
    with transaction.atomic():
        user_access.assign_network(dave.pk, 1)
        user_access.assign_device_type(dave.pk, 1)
        deletion = Meanwhile(lambda: users.delete(admin, dave.pk))
    deletion.result.result()
    assert not User.objects.filter(login="dave").exists()
    assert not Network.objects.get(pk=1).users.exists()


def test_a_user_deleted_just_before_is_not_assigned(admin: Principal, dave: User) -> None:
    with transaction.atomic():
        users.delete(admin, dave.pk)
        assignment = Meanwhile(lambda: user_access.assign_network(dave.pk, 1))
    with pytest.raises(Refused, match=r"User with id = \d+ not found"):
        assignment.result.result()


def test_a_user_deleted_twice_is_found_once(admin: Principal, dave: User) -> None:
    with transaction.atomic():
        users.delete(admin, dave.pk)
        second = Meanwhile(lambda: users.delete(admin, dave.pk))
    with pytest.raises(Refused, match=r"User with id = \d+ not found"):
        second.result.result()


def test_a_user_allowed_all_types_just_before_is_assigned_none(dave: User) -> None:
    with transaction.atomic():
        user_access.allow_all_device_types(dave.pk)
        assignment = Meanwhile(lambda: user_access.assign_device_type(dave.pk, 1))
    with pytest.raises(Refused, match="with all device types allowed"):
        assignment.result.result()
    assert not dave.device_types.exists()


def test_a_network_assigned_twice_is_assigned_once(dave: User) -> None:
    with transaction.atomic():
        user_access.assign_network(dave.pk, 1)
        second = Meanwhile(lambda: user_access.assign_network(dave.pk, 1))
    second.result.result()
    assert dave.networks.count() == 1


def test_a_type_deleted_just_before_is_not_assigned(dave: User) -> None:
    with transaction.atomic():
        DeviceType.objects.select_for_update().get(pk=2).delete()
        assignment = Meanwhile(lambda: user_access.assign_device_type(dave.pk, 2))
    with pytest.raises(Refused, match="Device type with id = 2 not found"):
        assignment.result.result()


def test_a_network_deleted_just_before_is_not_among_the_set(dave: User) -> None:
    user_access.assign_network(dave.pk, 1)
    attic = Network.objects.create(name="Attic")
    with transaction.atomic():
        Network.objects.select_for_update().get(pk=attic.pk).delete()
        setting = Meanwhile(lambda: user_access.set_networks(dave.pk, [attic.pk]))
    with pytest.raises(Refused, match=r"Network with id = \d+ not found"):
        setting.result.result()
    assert [network.pk for network in dave.networks.all()] == [1]


def test_types_set_are_those_and_no_others(dave: User) -> None:
    user_access.set_device_types(dave.pk, [1, 2])
    user_access.set_device_types(dave.pk, [2])
    assert [device_type.pk for device_type in dave.device_types.all()] == [2]


def test_no_types_are_set_for_a_user_of_all(dave: User) -> None:
    user_access.allow_all_device_types(dave.pk)
    with pytest.raises(Refused, match="with all device types allowed"):
        user_access.set_device_types(dave.pk, [1])
