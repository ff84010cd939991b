"""Make a copy of the server's source with the app of docs/for-django-developers.md, and with an
additional column of devices as docs/architecture.md describes.

Run as `python -m benchmarks.peers.own FOLDER [--silent]`; with `--silent` its receiver is not
connected.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "for-django-developers.md"
SOURCE = ("devicehive", "devices", "manage.py")
COLUMN = (
    (
        "devices/models/device.py",
        "    is_blocked = models.BooleanField(default=False)\n",
        '    label = CodePointCharField(default="", max_length=64)\n',
    ),
    (
        "devices/schemas/device.py",
        "    is_blocked: Bool | None = None\n",
        "    label: Str | None = None\n",
    ),
    (
        "devices/schemas/device.py",
        "    device_type_id: int\n    is_blocked: bool\n",
        "    label: str\n",
    ),
)
CONNECTS = "        devices_changed.connect(write_down)\n"


def write_app(folder: Path) -> None:
    """Write the files of the document into a folder."""
    for name, text in re.findall(
        r"^`([\w/]+\.\w+)`[^\n]*:\n\n```\w+\n(.*?)^```",
        DOCUMENT.read_text(),
        re.DOTALL | re.MULTILINE,
    ):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "journal/__init__.py").touch()


def main(folder: Path, *, silent: bool) -> None:
    for name in SOURCE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    write_app(folder)
    for file, line, addition in COLUMN:
        replace(folder / file, line, line + addition)
    if silent:
        replace(folder / "journal/apps.py", CONNECTS, "")


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    if text.count(old) != 1:
        raise ValueError(f"{file} does not have once: {old!r}")
    file.write_text(text.replace(old, new))


if __name__ == "__main__":
    main(Path(sys.argv[1]), silent="--silent" in sys.argv)
