from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class DevicehiveConfig(AppConfig):
    name = "devicehive"

    def ready(self) -> None:
        import_module("devicehive.checks")
        import_module("devicehive.orm.lookups")
        # Every app's actions and paths, as the admin finds every app's `admin.py`.
        autodiscover_modules("handlers", "routes")
