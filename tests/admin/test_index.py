"""The first page of the admin: the menu, figures, and how a device connects."""

from django.test import Client
from django.urls import reverse

from devices.models import Device, IssuedToken


def test_the_menu_is_in_the_order_in_which_an_installation_grows(admin: Client) -> None:
    [app] = admin.get(reverse("admin:index")).context["app_list"]
    assert [model["name"] for model in app["models"]] == [
        "Devices", "Networks", "Device types", "Users", "Issued tokens", "Configuration",
    ]  # fmt: skip
    assert not IssuedToken.objects.exists()


def test_one_is_no_plural(admin: Client, device: Device) -> None:
    Device.objects.exclude(pk=device.pk).delete()
    page = admin.get(reverse("admin:index")).content.decode()
    assert "<strong>1</strong> device</a>" in page
    assert "<strong>2</strong> networks</a>" in page


def test_how_a_device_connects(admin: Client) -> None:
    page = admin.get(reverse("admin:index")).content.decode()
    assert "ws://testserver/api/websocket" in page
