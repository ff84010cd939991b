"""The Django app of the protocol: imports the handlers and routes of all apps at the start."""

import gc
from importlib import import_module

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules

from devicehive.orm.clock import follow_at_first


class DevicehiveConfig(AppConfig):
    name = "devicehive"

    def ready(self) -> None:
        import_module("devicehive.checks")
        import_module("devicehive.orm.lookups")
        connection_created.connect(follow_at_first)
        # Import every app's actions and paths, as the admin imports every app's `admin.py`.
        autodiscover_modules("handlers", "routes")
        # Imported modules stay, so exclude them from collection; `devicehive.__main__` disabled it.
        gc.freeze()
        gc.enable()
