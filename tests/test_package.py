"""`pip install .` installs everything, with one version, and works without a clone."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import settings

from devicehive import __version__

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("devicehive", "devices")
SOURCES = ("pyproject.toml", "requirements.txt", "requirements-sentry.txt", "LICENSE")
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of a copy, because setuptools leaves folders in what it builds."""
    folder = tmp_path_factory.mktemp("package")
    for name in SOURCES:
        shutil.copy(ROOT / name, folder)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    build = (UV, "build", "--wheel", "--offline", "--no-build-isolation", "--python")
    ended = subprocess.run([*build, sys.executable, folder], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return next(folder.glob("dist/*.whl"))


def test_it_has_the_one_version(wheel: Path) -> None:
    assert wheel.name == f"devicehive_server-{__version__}-py3-none-any.whl"


def test_templates_examples_and_static_files_are_inside(wheel: Path) -> None:
    there = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert there - set(ZipFile(wheel).namelist()) == set()


def test_it_is_of_use_without_a_clone(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    ZipFile(wheel).extractall(site)

    def run(*arguments: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "devicehive", *arguments],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    assert run("version") == f"{__version__}\n"
    run("migrate")
    run("createadmin")
    assert json.loads(run("savedevice", "lamp", "--name", "Lamp"))["id"] == "lamp"
    assert (tmp_path / ".local/state/devicehive/var/devicehive.sqlite3").exists()
    assert not (site / "var").exists()
