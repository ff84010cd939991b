"""/metrics has the counts of all processes, and requires the token."""

import json
import re
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic

import pytest
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families

from devicehive.metrics import metrics
from tests.server import SECONDS, Server, StartServer

TOKEN = "a token of sixteen or more"
LAMP = {"name": "Lamp"}
SAVED = ("devicehive_actions_total", "device/save", "200")
DASHBOARD = Path(settings.BASE_DIR) / "docker/grafana-dashboard.json"


def get(server: Server, authorization: str | None) -> tuple[int, str]:
    connection = HTTPConnection(server.address, timeout=SECONDS)
    with closing(connection):
        headers = {"Authorization": authorization} if authorization else {}
        connection.request("GET", "/metrics", headers=headers)
        response = connection.getresponse()
        return response.status, response.read().decode()


def read(server: Server) -> dict[tuple[str, ...], float]:
    """The value of each sample, by its name and the values of its labels but for the process."""
    status, text = get(server, f"Bearer {TOKEN}")
    assert status == 200, text
    found: dict[tuple[str, ...], float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = (value for name, value in sample.labels.items() if name != "process")
            key = (sample.name, *labels)
            found[key] = found.get(key, 0) + sample.value
    return found


@pytest.fixture(scope="module")
def measured(keep_server: StartServer) -> Server:
    return keep_server(METRICS_TOKEN=TOKEN)


def test_what_is_done_is_counted(measured: Server) -> None:
    device, other = measured.connect("bob"), measured.connect("charlie")
    measured.connect()
    device.ask("notification/subscribe")
    for _ in range(3):
        device.ask("device/save", deviceId="lamp", device=LAMP)
    device.connection.send(
        json.dumps(
            {
                "action": "notification/insert",
                "deviceId": "lamp",
                "notification": {"notification": "on"},
            }
        )
    )
    assert {device.read()["action"] for _ in range(2)} == {"notification/insert"}
    assert other.ask("device/get", deviceId="lamp")["code"] == 403
    found = read(measured)
    assert found["devicehive_actions_total", "device/save", "200"] == 3
    assert found["devicehive_actions_total", "device/get", "403"] == 1
    assert found["devicehive_actions_total", "authenticate", "200"] == 2
    assert found["devicehive_action_seconds_count", "device/save"] == 3
    assert found["devicehive_action_seconds_count", "device/get"] == 1
    assert found["devicehive_action_seconds_sum", "device/save"] > 0
    assert found["devicehive_connections",] == 3
    assert found["devicehive_authenticated_connections",] == 2
    assert found["devicehive_events_delivered_total",] == 1
    assert found["devicehive_events_missed_total",] == 0
    assert found["devicehive_unsent_bytes",] == 0
    assert found["devicehive_waiting_logins",] == 0
    assert found["devicehive_waiting_calls", "writer"] == 0
    assert found["devicehive_waiting_requests", "devices.save_many"] == 0
    assert found["devicehive_batch_items_sum", "devices.save_many"] == 3
    assert found["devicehive_batch_seconds_count", "devices.save_many"] == 3
    assert found["devicehive_batch_items_bucket", "devices.save_many", "1"] == 3
    assert found["devicehive_devices", "all"] == 2


def test_who_has_no_token_is_told_nothing(measured: Server) -> None:
    for authorization in (None, "Bearer", "Bearer other", TOKEN, f"Basic {TOKEN}", "Bearer \xe9"):
        assert get(measured, authorization) == (401, "")


def test_without_a_token_there_is_no_page(server: Server) -> None:
    for authorization in (None, "Bearer", "Bearer "):
        assert get(server, authorization)[0] == 404


@pytest.mark.postgresql
def test_any_process_tells_of_all(start_server: StartServer, tmp_path: Path) -> None:
    first = start_server(METRICS_TOKEN=TOKEN, PRESENCE_SECONDS="1")
    second = Server(first.database, tmp_path, **first.environment)
    try:
        second.connect("bob").ask("device/save", deviceId="lamp", device=LAMP)
        first.connect("bob").ask("device/save", deviceId="lamp", device=LAMP)
        deadline = monotonic() + SECONDS
        while (found := read(first)).get(SAVED, 0) < 2:  # Until the next beat of the other.
            assert monotonic() < deadline
        assert found["devicehive_connections",] == 2
    finally:
        second.close()


def test_the_dashboard_shows_what_there_is() -> None:
    told = {"devicehive_devices"}
    for name, metric in metrics.items():
        ends = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}
        told |= {name + end for end in ends[metric.kind]}
    shown = set(re.findall(r"devicehive_\w+", DASHBOARD.read_text()))
    assert shown - told == set()
    assert {name for name in metrics if not any(each.startswith(name) for each in shown)} == set()
