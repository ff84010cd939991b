"""Users and configuration through DeviceHive's own Python client, unmodified."""

from typing import Any

from tests.clients.test_python_client import run, session
from tests.factories import PASSWORD
from tests.server import Server


def as_alice(server: Server, statements: str) -> list[Any]:
    return session(server, statements, access_token=server.database.access["alice"])


def test_an_entry_is_put_read_and_deleted(server: Server) -> None:
    shown = as_alice(
        server,
        """
        show(api.set_property("python-colour", "red"))
        show(api.set_property("python-colour", "green"))
        show(api.get_property("python-colour"))
        api.delete_property("python-colour")
        """,
    )
    green = {"name": "python-colour", "value": "green", "entity_version": 1}
    assert shown == [[{"entity_version": 0}], [{"entity_version": 1}], [green]]


def test_the_brokers_of_the_cluster_are_empty_texts(server: Server) -> None:
    shown = session(server, "show(api.get_cluster_info())")
    assert shown == [[dict.fromkeys(["bootstrap.servers", "zookeeper.connect"], server.address)]]


def test_a_user_is_created_changed_and_removed(server: Server) -> None:
    shown = as_alice(
        server,
        """
        from devicehive import ApiResponseError
        user = api.create_user("python-dora", "secret", 1, {"floor": 2})
        show(user.last_login, user.intro_reviewed, user.all_device_types_available)
        user.status = 2
        user.data = None
        user.save()
        user = api.get_user(user.id)
        show(user.login, user.role, user.status, user.data)
        user.remove()
        show([each.login for each in api.list_users(login_pattern="python-dora%")])
        """,
    )
    assert shown == [[None, False, True], ["python-dora", 1, 2, None], [[]]]


def test_users_are_listed_with_filters(server: Server) -> None:
    shown = as_alice(
        server,
        """
        def logins(**filters):
            return [user.login for user in api.list_users(**filters)]
        show(logins(login="bob"))
        show(logins(login_pattern="%i%", sort_field="login", sort_order="DESC"))
        show(logins(login_pattern="%", take=1, skip=2))
        """,
    )
    assert shown == [[["bob"]], [["charlie", "alice"]], [["charlie"]]]


def test_a_password_is_changed(server: Server) -> None:
    as_alice(server, "api.create_user('python-eve', 'secret', 1, {}).update_password('a new one')")
    ended = run(server, "", login="python-eve", password="secret")
    assert "Invalid credentials" in ended.stderr
    shown = session(server, "show(api.connected)", login="python-eve", password="a new one")
    assert shown == [[True]]


def test_a_user_gets_and_loses_a_network(server: Server) -> None:
    shown = as_alice(
        server,
        """
        user = api.create_user("python-fay", "secret", 1, {})
        user.assign_network(1)
        show([network.name for network in user.list_networks()])
        user.unassign_network(1)
        show(user.list_networks())
        """,
    )
    assert shown == [[["Sample Network"]], [[]]]


def test_a_user_gets_and_loses_device_types(server: Server) -> None:
    shown = as_alice(
        server,
        """
        user = api.create_user("python-gus", "secret", 1, {})
        show(len(user.list_device_types()))
        user.disallow_all_device_types()
        user.assign_device_type(2)
        show([device_type.name for device_type in user.list_device_types()])
        user.unassign_device_type(2)
        show(user.list_device_types())
        user.allow_all_device_types()
        """,
    )
    assert shown == [[8], [["Cameras"]], [[]]]


def test_a_client_may_not_create_users(server: Server) -> None:
    ended = run(
        server,
        "api.create_user('python-hal', 'secret', 1, {})",
        login="charlie",
        password=PASSWORD,
    )
    assert "Code: 403. Error: Access is denied" in ended.stderr
