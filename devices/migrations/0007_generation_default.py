from django.db import migrations, models

import devices.models.device


class Migration(migrations.Migration):
    dependencies = [
        ("devices", "0006_tokens_and_access"),
    ]

    operations = [
        migrations.AlterField(
            model_name="device",
            name="generation",
            field=models.BigIntegerField(
                db_default=0, default=devices.models.device.new_generation, editable=False
            ),
        ),
    ]
