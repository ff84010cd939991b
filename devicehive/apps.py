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
        # Every app's actions and paths, as the admin finds every app's `admin.py`.
        autodiscover_modules("handlers", "routes")
        # What is imported stays; from here on there is garbage (see `devicehive.__main__`).
        gc.freeze()
        gc.enable()
