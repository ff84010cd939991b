"""The registry for people: Django's admin, over the same services as the protocol."""

from django.contrib import admin

from devices.admin import (  # noqa: F401  # they register themselves
    configuration,
    devices,
    groups,
    issued_tokens,
    users,
)

admin.site.site_header = admin.site.site_title = "DeviceHive"
admin.site.index_title = "Registry"
admin.site.site_url = None
