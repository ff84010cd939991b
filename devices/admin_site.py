"""The admin's site: its menu in the order in which an installation grows."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest

MENU = ("Device", "Network", "DeviceType", "User", "IssuedToken", "Configuration")


class RegistrySite(AdminSite):
    site_header = site_title = "DeviceHive"
    index_title = "Registry"
    site_url = None

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: MENU.index(model["object_name"]))
            for model in app["models"]:
                if model["object_name"] == "IssuedToken":
                    model["name"] = "Tokens"
        return apps


class RegistryConfig(AdminConfig):
    """In the place of `django.contrib.admin` among the installed apps."""

    default_site = "devices.admin_site.RegistrySite"
