"""The admin site, whose menu is in the order in which people set up an installation."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

MENU = ("Device", "Network", "DeviceType", "User", "IssuedToken", "Configuration")


class RegistrySite(AdminSite):
    site_header = site_title = "DeviceHive"
    index_title = "Registry"
    site_url = None

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from devices.admin import activity  # It needs models, which are loaded after this module.

        return [
            path("activity/", self.admin_view(activity.activity_view), name="activity"),
            *super().get_urls(),
        ]

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().login(request, extra_context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        retry_after = getattr(form, "retry_after", None)
        if retry_after is not None:
            response.status_code = 429
            response["Retry-After"] = str(retry_after)
        return response

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "devices":  # Other apps stay in Django's order.
                app["models"].sort(key=lambda model: MENU.index(model["object_name"]))
        return apps


class RegistryConfig(AdminConfig):
    """Replaces `django.contrib.admin` in INSTALLED_APPS."""

    default_site = "devices.admin_site.RegistrySite"
