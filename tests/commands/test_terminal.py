"""Commands print texts that devices chose without letting them control the terminal."""

import json

import pytest

from devices.management.terminal import BETWEEN_MEMBERS, printable
from devices.models import Device, User
from tests.commands import run

pytestmark = pytest.mark.django_db

CLEARS = "\x1b[2J"
"""Clears the screen of a terminal; `\u009b` begins the same in one character."""
CLEARS_TOO = "\u009b2J"


def test_what_commands_a_terminal_is_escaped_and_all_else_is_not() -> None:
    assert printable(f"a{CLEARS}{CLEARS_TOO}\u202eé😀\n") == r"a\u001b[2J\u009b2J\u202eé😀\n"


def test_json_stays_what_it_says() -> None:
    text = f'{{\n\t"text": "{CLEARS_TOO} \\n"}}\r\n'
    shown = printable(text, keeps=BETWEEN_MEMBERS)
    assert shown == '{\n\t"text": "\\u009b2J \\n"}\r\n'
    assert json.loads(shown) == json.loads(text)


def test_the_name_of_a_listed_device(device: Device, bob: User) -> None:
    Device.objects.update(name=f"Lamp{CLEARS}")
    _, line = run("devices", "--as", "bob").splitlines()
    assert line.split("\t")[:3] == [device.id, r"Lamp\u001b[2J", "never"]


def test_the_data_of_a_saved_device(device: Device, alice: User) -> None:
    Device.objects.update(data=f'{{"text":\n"{CLEARS_TOO}"}}')
    printed = run("savedevice", device.id)
    assert '"data":{"text":\n"\\u009b2J"}' in printed
    assert json.loads(printed)["data"] == {"text": CLEARS_TOO}
