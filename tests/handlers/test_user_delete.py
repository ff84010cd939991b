"""user/delete (protocol, 5.10.7)."""

from devicehive.protocol.permissions import Permission
from devices.models import DeviceType, Network, User
from tests.conftest import Connection, connected, refused, success


def test_a_user_goes_with_its_memberships_only(
    as_alice: Connection, bob: User, network: Network, device_type: DeviceType
) -> None:
    bob.device_types.add(device_type)
    assert as_alice.ask("user/delete", userId=bob.pk) == success("user/delete")
    assert not User.objects.filter(login="bob").exists()
    assert Network.objects.filter(pk=network.pk).exists()
    assert not network.users.exists()
    assert DeviceType.objects.filter(pk=device_type.pk).exists()
    assert not device_type.users.exists()


def test_an_id_is_required(as_alice: Connection) -> None:
    answer = as_alice.ask("user/delete")
    assert answer == refused("user/delete", 400, "User id is wrong or empty")


def test_nobody_deletes_itself(as_alice: Connection, alice: User) -> None:
    answer = as_alice.ask("user/delete", userId=alice.pk)
    text = "You can not delete a user or access key that you use to authenticate this request"
    assert answer == refused("user/delete", 403, text)
    assert User.objects.filter(login="alice").exists()


def test_an_unknown_user_is_refused(as_alice: Connection) -> None:
    answer = as_alice.ask("user/delete", userId=-1)
    assert answer == refused("user/delete", 404, "User with id = -1 not found")


def test_who_was_deleted_is_not_found(as_alice: Connection, bob: User) -> None:
    as_alice.ask("user/delete", userId=bob.pk)
    answer = as_alice.ask("user/delete", userId=bob.pk)
    assert answer == refused("user/delete", 404, f"User with id = {bob.pk} not found")


def test_an_administrator_with_a_token_for_one_network_may(alice: User, bob: User) -> None:
    answer = connected(alice, n=("1",), dt=()).ask("user/delete", userId=bob.pk)
    assert answer == success("user/delete")


def test_a_client_may_with_the_permission(bob: User, charlie: User) -> None:
    connection = connected(bob, a=(Permission.MANAGE_USER.value,))
    assert connection.ask("user/delete", userId=charlie.pk) == success("user/delete")
