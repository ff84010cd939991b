from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class DevicesConfig(AppConfig):
    name = "devices"

    def ready(self) -> None:
        # `devicehive` is no app, so nothing else loads its checks.
        import_module("devicehive.checks")
        autodiscover_modules("lookups", "handlers")
