"""Forms check without writing, and show refusals that only the write causes."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from devicehive.protocol.refusals import ProtocolRefusal
from devices.admin.forms import (
    ConfigurationForm,
    DeviceForm,
    DeviceTypeForm,
    NetworkForm,
    ServiceForm,
)
from devices.admin.user_forms import NewUserForm, UserForm
from devices.models import Configuration, Device, DeviceType, Network, User
from devices.refusals import UserRefusal
from devices.services import configuration, networks, user_access, users
from devices.services.standing import unlimited
from tests.admin.browsing import errors, form_of, submit
from tests.admin.conftest import browser
from tests.factories import make_user
from tests.meanwhile import Meanwhile, seen_by_all_threads
from tests.plans import texts

TYPED = {
    "id": "lamp-2",
    "name": "new",
    "value": "5",
    "network": 1,
    "device_type": 1,
    "login": "dora",
    "password1": "long enough",
    "password2": "long enough",
    "role": 1,
    "status": 0,
    "networks": [1],
    "device_types": [1],
    "all_device_types_available": "",
}


def valid(form_class: type[ServiceForm], alice: User, instance: Any = None) -> list[str]:
    """The statements in which a form that is valid finds out that it is."""
    form = form_class(TYPED, principal=unlimited(alice), instance=instance)
    with CaptureQueriesContext(connection) as asked:
        assert form.is_valid(), form.errors
    return texts(asked)


@pytest.mark.parametrize(
    "form_class", [DeviceForm, NetworkForm, DeviceTypeForm, ConfigurationForm, NewUserForm]
)
def test_to_judge_a_new_record_writes_nothing(alice: User, form_class: type[ServiceForm]) -> None:
    assert [sql for sql in valid(form_class, alice) if not sql.startswith("SELECT")] == []


@pytest.mark.parametrize(
    ("form_class", "model"),
    [
        (DeviceForm, Device),
        (NetworkForm, Network),
        (DeviceTypeForm, DeviceType),
        (ConfigurationForm, Configuration),
        (UserForm, User),
    ],
)
def test_to_judge_a_change_writes_nothing(
    alice: User, bob: User, device: Device, form_class: type[ServiceForm], model: Any
) -> None:
    instance = model.objects.order_by("-pk").first()
    assert [sql for sql in valid(form_class, alice, instance) if not sql.startswith("SELECT")] == []


# --- Others are faster ---------------------------------------------------------------------------


def url(model: str, page: str, *args: object) -> str:
    return reverse(f"admin:devices_{model}_{page}", args=args)


class Submission:
    """A form that is sent while a transaction of the test is open, which it must wait for."""

    def __init__(self, client: Client, page: str, **typed: object) -> None:
        self.response: Any = None
        self.client, self.page, self.typed = client, page, typed
        self.form = form_of(client, page)

    def __call__(self) -> None:
        self.response = submit(self.client, self.page, self.form, **self.typed)


@seen_by_all_threads
def test_a_device_registered_just_before_is_an_error_and_stays_as_it_is() -> None:
    admin = browser(make_user("root", role=User.Role.ADMIN))
    typed = {"id": "lamp-2", "name": "Mine", "network": 1, "device_type": 1}
    submission = Submission(admin, url("device", "add"), **typed)
    with transaction.atomic():
        Device.objects.create(id="lamp-2", name="Its own", network_id=1, device_type_id=1)
        sent = Meanwhile(submission)
    sent.result.result()
    assert errors(submission.response) == ["There is a device with this id already."]
    assert Device.objects.get(id="lamp-2").name == "Its own"


@seen_by_all_threads
def test_a_name_taken_just_before_is_an_error() -> None:
    admin = browser(make_user("root", role=User.Role.ADMIN))
    submission = Submission(admin, url("network", "add"), name="Attic")
    with transaction.atomic():
        networks.insert(name="Attic")
        sent = Meanwhile(submission)
    sent.result.result()
    assert errors(submission.response) == [
        "Network cannot be created. Network with such name already exists"
    ]
    assert Network.objects.filter(name="Attic").count() == 1


@seen_by_all_threads
def test_an_entry_added_just_before_is_an_error_and_stays_as_it_is() -> None:
    admin = browser(make_user("root", role=User.Role.ADMIN))
    submission = Submission(admin, url("configuration", "add"), name="fleet", value="mine")
    with transaction.atomic():
        configuration.put("fleet", "theirs")
        sent = Meanwhile(submission)
    sent.result.result()
    assert errors(submission.response) == ["There is an entry with this name already."]
    entry = Configuration.objects.get(name="fleet")
    assert (entry.value, entry.entity_version) == ("theirs", 0)


@seen_by_all_threads
def test_a_login_taken_just_before_is_an_error() -> None:
    admin = browser(make_user("root", role=User.Role.ADMIN))
    submission = Submission(
        admin, url("user", "add"), login="dora", password1="long enough", password2="long enough"
    )
    with transaction.atomic():
        make_user("dora")
        sent = Meanwhile(submission)
    sent.result.result()
    assert errors(submission.response) == [UserRefusal.LOGIN_TAKEN.text]


@seen_by_all_threads
@pytest.mark.parametrize("model", ["user", "device"])
def test_a_network_deleted_just_before_is_an_error(model: str) -> None:
    admin = browser(make_user("root", role=User.Role.ADMIN))
    attic, dora = networks.insert(name="Attic"), make_user("dora")
    lamp = Device.objects.create(id="lamp", name="Lamp", network_id=1, device_type_id=1)
    edits: dict[str, Any] = {
        "user": (dora, {"networks": [attic.pk]}),
        "device": (lamp, {"network": attic.pk}),
    }
    record, typed = edits[model]
    submission = Submission(admin, url(model, "change", record.pk), **typed)
    with transaction.atomic():
        networks.delete(attic.pk)
        sent = Meanwhile(submission)
    sent.result.result()
    (error,) = errors(submission.response)
    # It waits before it looks for the network, or (PostgreSQL) when it asks the service.
    assert error.startswith(("Select a valid choice.", ProtocolRefusal.INVALID_PARAMETERS.text))
    lamp.refresh_from_db()
    assert (lamp.network_id, dora.networks.count()) == (1, 0)


@seen_by_all_threads
def test_a_user_allowed_all_types_just_before_keeps_them() -> None:
    admin = browser(make_user("root", role=User.Role.ADMIN))
    dora = make_user("dora", all_device_types_available=False)
    submission = Submission(admin, url("user", "change", dora.pk), device_types=[1])
    with transaction.atomic():
        user_access.allow_all_device_types(dora.pk)
        sent = Meanwhile(submission)
    sent.result.result()
    dora.refresh_from_db()
    assert (dora.all_device_types_available, dora.device_types.count()) == (True, 0)


@pytest.mark.postgresql  # SQLite may let the form begin after the deletion: then it asks to log in.
@seen_by_all_threads
def test_who_was_deleted_just_before_changes_nothing() -> None:
    root = make_user("root", role=User.Role.ADMIN)
    submission = Submission(browser(root), url("network", "add"), name="Attic")
    with transaction.atomic():
        users.delete(unlimited(make_user("other", role=User.Role.ADMIN)), root.pk)
        sent = Meanwhile(submission)
    sent.result.result()
    assert errors(submission.response) == [ProtocolRefusal.CONFLICT.text]
    assert not Network.objects.filter(name="Attic").exists()
