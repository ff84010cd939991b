"""What a fresh installation contains (protocol, Appendix B), except its administrator.

The administrator has a password, which `manage.py createadmin` makes or takes from the
environment; it must not stand in a repository.
"""

from typing import Any

from django.core.management.color import no_style
from django.db import migrations

DEVICE_TYPES = [
    ("Default Device Type", "Default DeviceHive device type"),
    ("Cameras", None),
    ("Lightning", None),
    ("Door Locks", None),
    ("Thermostats", None),
    ("Entertainment", None),
    ("Cars", None),
    ("Cooking", None),
]


def create(apps: Any, schema_editor: Any) -> None:
    network = apps.get_model("devices", "Network")
    device_type = apps.get_model("devices", "DeviceType")
    device = apps.get_model("devices", "Device")
    sample_network = network.objects.create(
        id=1, name="Sample Network", description="A DeviceHive Sample Network"
    )
    types = [
        device_type.objects.create(id=number, name=name, description=description)
        for number, (name, description) in enumerate(DEVICE_TYPES, start=1)
    ]
    device.objects.create(
        id="e50d6085-2aba-48e9-b1c3-73c673e414be",
        name="Sample Device",
        network=sample_network,
        device_type=types[0],
    )
    # Clients refer to these rows by number, so the numbers are given; the sequences that
    # PostgreSQL numbers later rows from have not seen them.
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [network, device_type]):
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_registry")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop, elidable=False)]
