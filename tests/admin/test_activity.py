"""The page Activity: plots of the last day, processes, and the slowest actions."""

import re

import msgspec
import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from devicehive.events.event import PROCESS
from devicehive.metrics import ACTION_SECONDS, ANSWERED, note_answer
from devicehive.protocol.timestamps import now
from devices.admin.plots import Plot
from devices.models import Attachment, Device, Presence, ServerMinute, ServerProcess
from devices.services import server_minutes, server_processes
from devices.services.server_minutes import KINDS, MINUTE, minute_of
from tests.handlers.test_presence import fleet

__all__ = ["fleet"]

PAGE = reverse("admin:activity")


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process is that has just been started."""
    monkeypatch.setattr(ANSWERED, "values", type(ANSWERED.values)(int))
    monkeypatch.setattr(ACTION_SECONDS, "values", {})
    monkeypatch.setattr(server_minutes, "written", server_minutes.Written())


def text_of(client: Client, path: str = PAGE) -> str:
    """The words of the page, in one line."""
    content = client.get(path).content.decode()
    main = content.partition('<main id="content-start"')[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def put_minute(*, ago: int, process: int = 1, **done: int) -> None:
    """Store what a process did in the minute that began `ago` minutes before this one."""
    minute = minute_of(now()) - ago * MINUTE
    row = dict.fromkeys(KINDS, 0) | done
    ServerMinute.objects.create(process=process, minute=minute, **row)


# --- What is written ---------------------------------------------------------------------------


def a_minute_ends() -> None:
    server_minutes.written.minute = minute_of(now()) - MINUTE


def no_minute_ends() -> None:
    """Not even if one does just now."""
    server_minutes.written.minute = minute_of(now()) + MINUTE


@pytest.mark.django_db
def test_a_row_is_written_for_each_minute() -> None:
    no_minute_ends()
    assert not server_minutes.note()
    for code in (200, 200, 403):
        note_answer("device/save", code, 0.001)
    note_answer("notification/insert", 200, 0.001)
    a_minute_ends()
    assert server_minutes.note()
    no_minute_ends()
    assert not server_minutes.note()
    note_answer("device/save", 200, 0.001)
    a_minute_ends()
    assert server_minutes.note()
    rows = ServerMinute.objects.order_by("id").values_list("process", *KINDS)
    assert list(rows) == [(PROCESS, 0, 2, 1, 1), (PROCESS, 0, 1, 0, 0)]


@pytest.mark.django_db
def test_rows_are_kept_for_a_day() -> None:
    put_minute(ago=1_439)
    put_minute(ago=1_442, process=2)
    a_minute_ends()
    server_minutes.note()
    assert set(ServerMinute.objects.values_list("process", flat=True)) == {1, PROCESS}


@pytest.mark.django_db
def test_without_a_token_for_metrics_what_is_counted_is_told_once_a_minute() -> None:
    no_minute_ends()
    server_processes.beat()
    ServerProcess.objects.update(counted="")
    server_processes.beat()
    assert ServerProcess.objects.get().counted == ""
    a_minute_ends()
    server_processes.beat()
    assert ServerProcess.objects.get().counted != ""


@pytest.mark.django_db
def test_a_slot_has_the_means_of_all_processes_together() -> None:
    for ago in (7, 8):
        put_minute(ago=ago, saves=10, connections=3)
        put_minute(ago=ago, process=2, saves=ago, connections=1)
    day = server_minutes.of_last_day()
    assert len(day) == 288
    assert [place for place, means in enumerate(day) if means] == [286]
    assert day[286] == {"connections": 4, "saves": 17.5, "notifications": 0, "refusals": 0}


# --- The page ----------------------------------------------------------------------------------


def test_a_server_that_was_just_started(admin: Client, device: Device) -> None:
    Device.objects.exclude(pk=device.pk).delete()
    text = text_of(admin)
    assert "1 device 0 connected 0 silent" in text
    assert text.count("nothing is known of the last minutes") == 4
    assert "None has written anything yet" in text
    assert "Nothing was asked for yet." in text


def test_processes_and_the_slowest_actions(admin: Client) -> None:
    for id_, seconds in ((1, 0.004), (2, 0.2)):
        spread = [0.0] * (len(ACTION_SECONDS.bounds) + 2)
        spread[3 if id_ == 1 else 7], spread[-1] = 10, 10 * seconds
        counted = {
            "devicehive_connections": [[[], 3 * id_]],
            "devicehive_authenticated_connections": [[[], 2 * id_]],
            "devicehive_action_seconds": [[["device/save"], spread]],
        }
        text = msgspec.json.encode(counted).decode()
        ServerProcess.objects.create(pk=id_, name=f"host:{id_}", beat_at=Now(), counted=text)
        put_minute(ago=2, process=id_, saves=7)
        put_minute(ago=1, process=id_, saves=1_200 * id_, refusals=id_)
    Attachment.objects.create(device_id="lamp", process=2)
    note_answer("device/get", 200, 5)
    text = text_of(admin)
    assert "host:1 0 3, 2 authenticated 1,200 0 1 device/save, 4 ms" in text
    assert "host:2 1 6, 4 authenticated 2,400 0 2 device/save, 200 ms" in text
    assert "device/get 1 5 s longer than 2.5 s device/save 20 100 ms 250 ms" in text


def test_devices_that_are_there_and_silent(admin: Client, fleet: list[str]) -> None:
    assert "2 connected 1 silent" in text_of(admin)
    [link] = re.findall(r'href="([^"]*there__exact=silent)"', admin.get(PAGE).content.decode())
    found = admin.get(link).context["cl"].result_list
    assert [each.pk for each in found] == list(
        Presence.objects.filter(is_silent=True).values_list("pk", flat=True)
    )


def test_every_page_leads_to_it(admin: Client) -> None:
    assert f'<a href="{PAGE}">Activity</a>' in admin.get(reverse("admin:index")).content.decode()


def test_who_does_not_administer_is_not_shown_it(client: Client, db: None) -> None:
    answer = client.get(PAGE)
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={PAGE}")


# --- A plot ------------------------------------------------------------------------------------


def test_a_plot_has_a_step_for_each_slot_and_gaps() -> None:
    plot = Plot.of("Saves", "a minute", [None, 5, 10, None, 0])
    assert plot.line == "M1 50V50H2V0H3M4 100V100H5"
    assert plot.area == "M1 50V50H2V0H3V100H1ZM4 100V100H5V100H4Z"
    assert (plot.top, plot.peak, plot.latest, plot.width) == (10, 10, 0, 5)


@pytest.mark.parametrize(
    ("peak", "top"), [(0, 1), (0.4, 1), (1, 1), (1.1, 2), (3, 5), (11, 20), (240_000, 500_000)]
)
def test_a_plot_ends_at_a_round_number(peak: float, top: float) -> None:
    assert Plot.of("", "", [peak]).top == top
