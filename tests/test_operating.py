"""The commands and settings that docs/operating.md names exist."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from devicehive.documents.described import anchor_of
from devicehive.env import KNOBS
from tests.server import SECONDS

ROOT = Path(settings.BASE_DIR)
UNIT = (ROOT / "docker" / "devicehive.service").read_text()
PAGE = (ROOT / "docs" / "operating.md").read_text()


def test_the_first_list_is_of_all_sections() -> None:
    headings = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    listed = re.findall(r"^- \[(.+)\]\(#(.+)\)$", PAGE, re.MULTILINE)
    assert listed == [(heading, anchor_of(heading)) for heading in headings]


def test_the_unit_sets_what_is_a_setting_and_waits_for_the_drain() -> None:
    named = re.findall(r"(\w+)=", " ".join(re.findall(r"^Environment=(.+)$", UNIT, re.MULTILINE)))
    assert set(named) - KNOBS.keys() == {"PYTHONUNBUFFERED"}
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert int(seconds) > settings.DRAIN_SECONDS + 2
    assert set(re.findall(r"manage\.py ([a-z]+)", UNIT)) <= get_commands().keys()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "devicehive.service"
    unit.write_text(UNIT.replace("/srv/devicehive/.venv/bin/python", sys.executable))
    ended = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=SECONDS
    )
    about_ours = [line for line in ended.stderr.splitlines() if "devicehive.service" in line]
    assert (ended.returncode, about_ours) == (0, [])


@pytest.mark.skipif(
    not (shutil.which("nginx") and shutil.which("openssl")), reason="needs nginx and openssl"
)
def test_nginx_takes_the_configuration_with_tls(tmp_path: Path) -> None:
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=devices.example.org"
    subprocess.run(
        [*made.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    ours = (ROOT / "docker" / "nginx-tls.conf").read_text()
    ours = ours.replace("/etc/letsencrypt/live/devices.example.org", str(tmp_path))
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid; error_log stderr;\nevents {{}}\nhttp {{ access_log off;\n{ours} }}\n"
    )
    ended = subprocess.run(
        ["nginx", "-t", "-p", tmp_path, "-c", whole],
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert ended.returncode == 0, ended.stderr


def test_the_proxies_say_who_asks_and_wait() -> None:
    nginx = (ROOT / "docker" / "nginx-tls.conf").read_text()
    caddy = (ROOT / "docker" / "Caddyfile").read_text()
    assert "X-Forwarded-For $remote_addr;" in nginx
    assert "X-Forwarded-Proto $scheme;" in nginx
    assert "proxy_set_header Upgrade $http_upgrade;" in nginx
    (hours,) = set(re.findall(r"proxy_(?:read|send)_timeout (\d+)h;", nginx))
    assert int(hours) * 3_600 > 2 * settings.PING_SECONDS
    assert "X-Forwarded-For {remote_host}" in caddy
    assert "X-Forwarded-Proto {scheme}" in caddy
