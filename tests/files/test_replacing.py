"""A file is replaced as a whole or not at all."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.files.replacing import replacing


@contextmanager
def small_files() -> Iterator[None]:
    """No file may grow beyond 4 KiB, as if the disk were full; that of pytest's output neither, so
    this must end before it reports the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def replace(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write(text)


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text("before")
    path.chmod(0o640)
    replace(path, "Ä\r\n")
    assert path.read_bytes() == "Ä\r\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == ["devices.csv"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text("before")
    with pytest.raises(OSError, match="File too large"), small_files():
        replace(path, "x" * 10_000)
    assert path.read_text() == "before"
    assert names(tmp_path) == ["devices.csv"]


def test_an_error_while_writing_leaves_nothing(tmp_path: Path) -> None:
    def write_half() -> None:
        with replacing(tmp_path / "devices.csv") as file:
            file.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert names(tmp_path) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "devices.csv")
    replace(tmp_path / "link", "after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "devices.csv").read_text() == "after"


def test_a_device_is_written_to_as_it_is() -> None:
    with pytest.raises(OSError, match="No space left on device"):
        replace(Path("/dev/full"), "text")
    assert Path("/dev/full").is_char_device()
