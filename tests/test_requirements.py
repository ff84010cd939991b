"""requirements.lock matches requirements*.txt, and has a hash for all that is installed."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
LOCK = (ROOT / "requirements.lock").read_text()
NAMED = "".join(
    (ROOT / f"requirements{suffix}.txt").read_text() for suffix in ("", "-sentry", "-dev")
)
PIN = re.compile(r"^([\w.-]+)(?:\[.*?\])?==([\w.]+)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    """Versions by name, as the lock spells names."""
    return {re.sub("[._-]+", "-", name).lower(): version for name, version in PIN.findall(text)}


def test_what_is_named_is_locked_in_the_same_version() -> None:
    assert len(pins(NAMED)) > 20
    assert pins(NAMED).items() - pins(LOCK).items() == set()


def test_every_line_that_names_a_package_has_an_exact_version() -> None:
    lines = [line for line in NAMED.splitlines() if line and not line.startswith(("#", "-r "))]
    assert [line for line in lines if not PIN.match(line)] == []


def test_every_locked_package_has_a_hash() -> None:
    packages = re.split(r"\n(?=\w)", LOCK)[1:]
    assert len(packages) == len(pins(LOCK))
    assert [each for each in packages if "--hash=sha256:" not in each] == []


def test_no_registry_is_named() -> None:
    assert re.findall(r"://|index", LOCK + NAMED) == []


def test_make_and_the_image_install_nothing_without_its_hash() -> None:
    for name in ("Makefile", "docker/Dockerfile"):
        text = re.sub(r"\\\n", "", (ROOT / name).read_text())
        installing = re.findall(r"^.*?pip install .*$", text, re.MULTILINE)
        assert installing
        for line in installing:
            assert line.count("pip install ") == line.count("--require-hashes"), line
