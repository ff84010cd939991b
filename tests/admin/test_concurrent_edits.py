"""Edits of a record that changed while its form was open are merged, or refused on conflict."""

from typing import Any

import msgspec
import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from devices.models import Configuration, Device, DeviceType, Network, User
from devices.schemas.device import DeviceBody
from devices.services import configuration, devices, networks, user_access, users
from devices.services.device_save import DeviceSave
from devices.services.standing import unlimited
from tests.admin.browsing import Answer, form_in, form_of, submit
from tests.admin.conftest import browser
from tests.conftest import Connection
from tests.factories import make_user
from tests.meanwhile import Meanwhile, seen_by_all_threads


def page(record: Any) -> str:
    return reverse(f"admin:devices_{record._meta.model_name}_change", args=[record.pk])


def refused(answer: Answer) -> dict[str, str]:
    """The stored values of the fields that both changed, as the page shows them."""
    assert answer.status_code == 200
    found = answer.context["adminform"].form.errors
    stored = {}
    for name, [text] in found.items():
        before, said, now = str(text).splitlines()[0].partition(" It is now: ")
        assert said, before
        stored[name] = now + "".join(f"\n{line}" for line in str(text).splitlines()[1:-1])
    return stored


def test_data_that_the_device_saved_meanwhile_is_not_overwritten(
    admin: Client, device: Device, as_bob: Connection
) -> None:
    opened = form_of(admin, page(device))
    as_bob.ask("device/save", deviceId=device.pk, device={"name": "Lamp", "data": {"t": 1.5}})
    answer = submit(admin, page(device), opened, data='{"mine": true}')
    assert refused(answer) == {"data": '{\n  "t": 1.5\n}'}
    assert form_in(answer)["data"] == ['{"mine": true}']
    device.refresh_from_db()
    assert device.data == '{"t": 1.5}'


def test_a_program_that_was_shown_nothing_overwrites_what_it_sends(
    admin: Client, device: Device
) -> None:
    relations: dict[str, Any] = {"network": device.network_id, "device_type": device.device_type_id}
    sent = {"name": "Sun", "data": '{"t":2}', **relations}
    assert admin.post(page(device), sent).status_code == 302
    device.refresh_from_db()
    assert (device.name, device.data) == ("Sun", '{"t":2}')


def test_who_has_seen_both_values_saves_again(
    admin: Client, device: Device, as_bob: Connection
) -> None:
    opened = form_of(admin, page(device))
    as_bob.ask("device/save", deviceId=device.pk, device={"name": "Sun", "data": {"t": 1}})
    answer = submit(admin, page(device), opened, data='{"mine":true}', is_blocked="on")
    shown_again = form_in(answer)
    assert submit(admin, page(device), shown_again).status_code == 302
    device.refresh_from_db()
    assert (device.name, device.data, device.is_blocked) == ("Sun", '{"mine":true}', True)


def test_the_same_edit_by_both_is_no_conflict(
    admin: Client, device: Device, as_bob: Connection
) -> None:
    opened = form_of(admin, page(device))
    as_bob.ask("device/save", deviceId=device.pk, device={"name": "Sun", "data": {"on": True}})
    assert submit(admin, page(device), opened, name="Sun").status_code == 302


@pytest.mark.parametrize(
    ("field", "theirs", "mine", "shown"),
    [
        ("name", "theirs", "mine", "theirs"),
        ("network", 1, "", "Sample Network"),
        ("device_type", 1, "", "Default Device Type"),
        ("data", None, "{}", "empty"),
    ],
)
def test_any_field_of_a_device(
    admin: Client, device: Device, field: str, theirs: Any, mine: str, shown: str
) -> None:
    relations: dict[str, Any] = {"network": Network, "device_type": DeviceType}
    chosen = relations[field].objects.create(name="Attic").pk if field in relations else mine
    opened = form_of(admin, page(device))
    Device.objects.filter(pk=device.pk).update(**{field: theirs})
    assert refused(submit(admin, page(device), opened, **{field: chosen})) == {field: shown}
    assert Device.objects.filter(pk=device.pk).values_list(field, flat=True).get() == theirs


@pytest.mark.parametrize("model", [Network, DeviceType])
def test_a_member_of_a_group_that_both_changed_is_refused_and_the_others_are_merged(
    admin: Client, model: type[Network] | type[DeviceType]
) -> None:
    group = model.objects.create(name="Attic", description="old")
    opened = form_of(admin, page(group))
    model.objects.filter(pk=group.pk).update(description="theirs", name="Cellar")
    assert refused(submit(admin, page(group), opened, description="mine")) == {
        "description": "theirs"
    }
    opened["initial-description"] = opened["description"] = ["theirs"]
    submit(admin, page(group), opened, description="mine")
    group.refresh_from_db()
    assert (group.name, group.description) == ("Cellar", "mine")


def test_a_value_that_both_changed_is_refused(admin: Client) -> None:
    entry = Configuration.objects.get()
    opened = form_of(admin, page(entry))
    configuration.put(entry.name, "7")
    assert refused(submit(admin, page(entry), opened, value="8")) == {"value": "7"}
    entry.refresh_from_db()
    assert entry.value == "7"


def test_a_users_members_and_memberships(admin: Client, alice: User, bob: User) -> None:
    attic, cellar = networks.insert(name="Attic"), networks.insert(name="Cellar")
    opened = form_of(admin, page(bob))
    user_access.assign_network(bob.pk, attic.pk)
    users.update(unlimited(alice), bob.pk, status=User.Status.DISABLED, data='{"theirs":1}')
    answer = submit(
        admin, page(bob), opened,
        networks=[cellar.pk], data='{"mine":1}', status=User.Status.LOCKED_OUT.value,
    )  # fmt: skip
    assert refused(answer) == {
        "networks": "Attic, bob's network",
        "data": '{\n  "theirs": 1\n}',
        "status": "Disabled",
    }
    assert set(bob.networks.values_list("name", flat=True)) == {"Attic", "bob's network"}


def test_memberships_that_were_none_when_the_page_was_opened(admin: Client, charlie: User) -> None:
    attic, cellar = networks.insert(name="Attic"), networks.insert(name="Cellar")
    opened = form_of(admin, page(charlie))
    user_access.assign_network(charlie.pk, attic.pk)
    answer = submit(admin, page(charlie), opened, networks=[cellar.pk])
    assert refused(answer) == {"networks": "Attic"}
    submit(admin, page(charlie), form_in(answer))
    assert list(charlie.networks.all()) == [cellar]


def test_a_user_keeps_what_others_changed_elsewhere(
    admin: Client, alice: User, bob: User, device_type: DeviceType
) -> None:
    opened = form_of(admin, page(bob))
    users.update(unlimited(alice), bob.pk, data='{"theirs":1}')
    user_access.disallow_all_device_types(bob.pk)
    user_access.assign_device_type(bob.pk, device_type.pk)
    submit(admin, page(bob), opened, login="robert")
    bob.refresh_from_db()
    assert (bob.login, bob.data, bob.all_device_types_available) == (
        "robert", '{"theirs":1}', False,
    )  # fmt: skip
    assert list(bob.device_types.all()) == [device_type]


def test_a_choice_made_where_none_was_outlives_another_error(admin: Client, charlie: User) -> None:
    attic = networks.insert(name="Attic")
    answer = submit(admin, page(charlie), login="a b", networks=[attic.pk])
    submit(admin, page(charlie), form_in(answer), login="chuck")
    assert list(charlie.networks.all()) == [attic]


@seen_by_all_threads
def test_a_save_under_way_is_waited_for_and_seen() -> None:
    root = make_user("root", role=User.Role.ADMIN)
    lamp = Device.objects.create(id="lamp", name="Lamp", data="{}", network_id=1, device_type_id=1)
    client = browser(root)
    opened, answers = form_of(client, page(lamp)), []

    def send() -> None:
        answers.append(submit(client, page(lamp), opened, data='{"mine":1}'))

    with transaction.atomic():
        body = DeviceBody(name="Lamp", data=msgspec.Raw(b'{"theirs":1}'))
        devices.save(DeviceSave.of(unlimited(root), "lamp", body))
        sent = Meanwhile(send)
    sent.result.result()
    assert refused(answers[0]) == {"data": '{\n  "theirs": 1\n}'}
    lamp.refresh_from_db()
    assert lamp.data == '{"theirs":1}'


@seen_by_all_threads
def test_a_network_joined_meanwhile_is_waited_for_and_seen() -> None:
    client = browser(make_user("root", role=User.Role.ADMIN))
    dora, attic, cellar = make_user("dora"), networks.insert(name="A"), networks.insert(name="C")
    opened, answers = form_of(client, page(dora)), []

    def send() -> None:
        answers.append(submit(client, page(dora), opened, networks=[cellar.pk]))

    with transaction.atomic():
        user_access.assign_network(dora.pk, attic.pk)
        sent = Meanwhile(send)
    sent.result.result()
    assert refused(answers[0]) == {"networks": "A"}
    assert list(dora.networks.all()) == [attic]
