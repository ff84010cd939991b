"""manage.py sendcommand."""

import pytest
from django.core.management import CommandError

from devices.models import Command, Device, User
from tests.commands import run
from tests.server import SECONDS, Server, manage

pytestmark = pytest.mark.django_db


def test_it_is_stored_and_its_id_printed(alice: User, device: Device) -> None:
    printed = run(
        "sendcommand", "bobs-lamp", "on", "--parameters", '{"n": 1.50}', "--lifetime", "9"
    )
    [stored] = Command.objects.all()
    assert printed == f"{stored.number}\n"
    assert (stored.device_id, stored.command) == ("bobs-lamp", "on")
    assert (stored.parameters, stored.lifetime) == ('{"n": 1.50}', 9)
    assert (stored.user_id, stored.network_id, stored.status) == (alice.id, device.network_id, None)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nothing", "on"], "Device with such deviceId = nothing not found"),
        (["bobs-lamp", "on", "--parameters", "[1]"], "'parameters' must be JSON Object!"),
        (
            ["bobs-lamp", "on", "--parameters", "{"],
            "not valid: Input data was truncated",
        ),
        (
            ["bobs-lamp", "on", "--lifetime", str(2**31)],
            "not valid: out of range - at `$.lifetime`",
        ),
        (["bobs-lamp", "\udcff"], "not UTF-8"),
        (["bobs-lamp", "on", "--wait", "0.01"], "no answer within 0.01 s"),
    ],
)
def test_why_nothing_is_sent_is_told(
    alice: User, device: Device, arguments: list[str], text: str
) -> None:
    with pytest.raises(CommandError) as error:
        run("sendcommand", *arguments)
    assert str(error.value) == text


def test_as_a_stranger_nothing_is_sent(charlie: User, device: Device) -> None:
    with pytest.raises(CommandError, match="not found"):
        run("sendcommand", "bobs-lamp", "on", "--as", "charlie")
    assert not Command.objects.exists()


def test_it_waits_for_the_answer_of_the_device(server: Server) -> None:
    device = server.connect("bob")
    device.ask("device/save", deviceId="waited-for", device={"name": "Lamp"})
    device.ask("command/subscribe", deviceId="waited-for")
    arguments = ("sendcommand", "waited-for", "on", "--wait", str(SECONDS))
    with manage(*arguments, folder=server.folder, DATABASE_URL=server.database.url) as process:
        number = device.read()["command"]["id"]
        answer = {"status": "done\u009b2J", "result": {"on": "\u009b2J"}}
        device.ask("command/update", deviceId="waited-for", commandId=number, command=answer)
        output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    escaped = r"\u009b2J"
    assert output == f'{number}\nstatus: done{escaped}\nresult: {{"on": "{escaped}"}}\n'
