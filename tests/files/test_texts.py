"""The bytes of a file as lines of text."""

import gzip
import os
from io import FileIO
from pathlib import Path
from threading import Thread

import pytest

from devicehive.protocol.refusals import Refused
from devices.files.texts import read_texts

LINES = ["id,name\n", "a-1,Lämpchen\n"]


def texts(file: Path, content: bytes, said: str | None = None) -> list[str]:
    file.write_bytes(content)
    with FileIO(file) as opened:
        return list(read_texts(opened, said, progress=lambda _: None))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_the_beginning_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    assert texts(tmp_path / "file", "".join(LINES).encode(encoding)) == LINES


def test_a_mark_is_believed_more_than_what_was_said(tmp_path: Path) -> None:
    assert texts(tmp_path / "file", "".join(LINES).encode("utf-16"), "cp1252") == LINES


def test_the_encoding_can_be_said(tmp_path: Path) -> None:
    assert texts(tmp_path / "file", "".join(LINES).encode("cp1252"), "cp1252") == LINES


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_do_anywhere(tmp_path: Path, end: str) -> None:
    assert texts(tmp_path / "file", f"id{end}a-1{end}b-1".encode()) == [
        f"id{end}",
        f"a-1{end}",
        "b-1",
    ]


@pytest.mark.parametrize("content", [b"", b"i", b"id"])
def test_a_file_may_be_shorter_than_any_mark(tmp_path: Path, content: bytes) -> None:
    assert "".join(texts(tmp_path / "file", content)) == content.decode()


def test_a_pipe_may_give_byte_by_byte(tmp_path: Path) -> None:
    reading, writing = os.pipe()

    def write() -> None:
        for byte in b"\xff\xfea\0":
            os.write(writing, bytes([byte]))
        os.close(writing)

    thread = Thread(target=write)
    thread.start()
    with FileIO(reading) as file:
        assert list(read_texts(file, None, progress=lambda _: None)) == ["a"]
    thread.join()


def test_every_byte_is_told(tmp_path: Path) -> None:
    file, told = tmp_path / "file", list[int]()
    file.write_bytes(b"line\n" * 10_000)
    with FileIO(file) as opened:
        list(read_texts(opened, None, progress=told.append))
    assert sum(told) == 50_000


def test_a_byte_that_is_none_of_the_encoding_spoils_only_its_line(tmp_path: Path) -> None:
    assert texts(tmp_path / "file", b"a\xff\nb\n") == ["a\udcff\n", "b\n"]


@pytest.mark.parametrize(
    ("content", "said", "text"),
    [
        (b"PK\x03\x04\x14\0", None, "spreadsheet or a ZIP archive: save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", None, "spreadsheet of old Excel: save it as CSV"),
        (gzip.compress(b"id\n", mtime=0), None, "compressed: unpack it first"),
        (b"<!DOCTYPE html>", None, "HTML, XML or another markup"),
        (b"id\n", "klingon", "there is no encoding klingon"),
        (b"id\n", "hex", "there is no encoding hex"),
        (b"\xff\xfe\0\xdca\0", None, "this is not utf-16"),
        (b"\xff\xfea", None, "this is not utf-16"),
    ],
)
def test_a_file_that_is_no_text(
    tmp_path: Path, content: bytes, said: str | None, text: str
) -> None:
    with pytest.raises(Refused, match=text):
        texts(tmp_path / "file", content, said)
