"""A server of the last release goes on working while this one has migrated its database.

It names the columns that it knows, so those must stay, and the others must do without a value.
The same lets one go back to the last release without touching the database.
"""

import pytest
from django.db import connection

RELEASED = {
    "devices_command": (
        "id number device_id generation network_id device_type_id timestamp parameters stored_at "
        "origin command last_updated user_id lifetime status result inserted_at inserted_by updates"
    ),
    "devices_configuration": "id name value entity_version",
    "devices_device": "id name data is_blocked device_type_id network_id generation",
    "devices_devicetype": "id name description",
    "devices_issuedtoken": (
        "id issued_by issued_at valid_until refreshable_until actions networks device_types user_id"
    ),
    "devices_network": "id name description",
    "devices_notification": (
        "id number device_id generation network_id device_type_id timestamp parameters stored_at "
        "origin notification"
    ),
    "devices_user": (
        "id password last_login login role status login_attempts data intro_reviewed "
        "all_device_types_available"
    ),
    "devices_user_device_types": "id user_id devicetype_id",
    "devices_user_networks": "id user_id network_id",
}
"""The columns of the last release, 23c1d75. To be replaced by those of the next when it is out."""
BEFORE_MESSAGES = RELEASED | {"devices_device": "id name data is_blocked device_type_id network_id"}
"""Those that servers name which were installed before there were messages."""

NEEDED = {
    "sqlite": 'SELECT name, "notnull" AND dflt_value IS NULL FROM pragma_table_info(%s)',
    "postgresql": (
        "SELECT column_name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' "
        "FROM information_schema.columns WHERE table_name = %s AND table_schema = current_schema()"
    ),
}
"""The columns of a table, and whether an INSERT that does not name them fails."""


@pytest.mark.django_db
@pytest.mark.parametrize("released", [RELEASED, BEFORE_MESSAGES])
@pytest.mark.parametrize("table", RELEASED)
def test_the_last_release_can_insert(table: str, released: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NEEDED[connection.vendor], [table])
        is_needed = dict(cursor.fetchall())
    named = set(released[table].split())
    assert named - is_needed.keys() == set()
    assert {name for name, needed in is_needed.items() if needed} - named == set()


@pytest.mark.django_db
def test_a_device_that_an_old_server_creates_is_of_the_first_generation() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO devices_device (id, name, is_blocked, device_type_id, network_id) "
            "VALUES ('lamp', 'Lamp', false, 1, 1)"
        )
        cursor.execute("SELECT generation FROM devices_device WHERE id = 'lamp'")
        assert cursor.fetchone() == (0,)
