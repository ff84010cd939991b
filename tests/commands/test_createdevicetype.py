"""manage.py createdevicetype."""

import pytest
from django.core.management import CommandError

from devices.models import DeviceType
from tests.commands import run

pytestmark = pytest.mark.django_db


def test_a_device_type_is_created() -> None:
    printed = run("createdevicetype", "Valves", "--description", "Of water")
    device_type = DeviceType.objects.get(name="Valves")
    assert printed == f"Created the device type Valves; its id is {device_type.id}.\n"
    assert device_type.description == "Of water"


def test_the_description_may_be_left_out() -> None:
    run("createdevicetype", "Valves")
    assert DeviceType.objects.get(name="Valves").description is None


def test_a_name_is_given_once() -> None:
    with pytest.raises(CommandError, match="Device type with such name already exists"):
        run("createdevicetype", "Cameras")


def test_a_name_has_at_most_128_characters() -> None:
    with pytest.raises(CommandError, match="The length of name should not be more than 128"):
        run("createdevicetype", "n" * 129)
