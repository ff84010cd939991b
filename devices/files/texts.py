"""Decode the bytes of a file into lines of text, in the encoding that its beginning shows."""

from collections.abc import Callable, Iterator
from io import BufferedReader, RawIOBase, TextIOWrapper
from typing import Protocol

from devices.files.refusals import FileRefusal

LONGEST_SIGNATURE = 4
MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
"""Byte order marks, which spreadsheets write; longer ones first, for they begin with others."""
SIGNATURES = (
    (b"PK\x03\x04", FileRefusal.SPREADSHEET),
    (b"PK\x05\x06", FileRefusal.SPREADSHEET),
    (b"\xd0\xcf\x11\xe0", FileRefusal.OLD_SPREADSHEET),
    (b"\x1f\x8b", FileRefusal.COMPRESSED),
    (b"BZh", FileRefusal.COMPRESSED),
    (b"\xfd7zX", FileRefusal.COMPRESSED),
    (b"\x28\xb5\x2f\xfd", FileRefusal.COMPRESSED),
    (b"<", FileRefusal.MARKUP),
    (b"%PDF", FileRefusal.MARKUP),
    (b"{\\rt", FileRefusal.MARKUP),
)
"""The first bytes of files that are neither CSV nor JSON, whatever their suffix."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes | None: ...


def read_texts(
    file: Readable, said: str | None, *, progress: Callable[[int], object] | None = None
) -> Iterator[str]:
    """The lines with their ends, which may be LF, CR LF or CR.

    A byte that is invalid in the encoding becomes a lone surrogate, so that its row can be refused
    and the others read. In UTF-16, where this is impossible, it raises Refused, and so does a file
    that is not text. `progress`, if given, is called with the number of bytes read.
    """
    head = _head(file)
    encoding = _encoding(head, said)
    resumed = BufferedReader(_Resumed(head, file, progress))
    try:
        text = TextIOWrapper(resumed, encoding, errors="surrogateescape", newline="")
    except LookupError:
        raise FileRefusal.UNKNOWN_ENCODING(encoding) from None
    try:
        yield from text
    except UnicodeError:
        raise FileRefusal.WRONG_ENCODING(encoding) from None


def _head(file: Readable) -> bytes:
    """The first bytes of a file; a pipe may give them one by one."""
    head = b""
    while len(head) < LONGEST_SIGNATURE and (more := file.read(LONGEST_SIGNATURE - len(head))):
        head += more
    return head


def _encoding(head: bytes, said: str | None) -> str:
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    for signature, refusal in SIGNATURES:
        if head.startswith(signature):
            raise refusal()
    if said is not None:
        return said
    # The first character of a header or of JSON is ASCII; its zero byte shows the byte order.
    if head[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if head[:1] == b"\0" else "utf-8"


class _Resumed(RawIOBase):
    """A file whose first bytes, `head`, were read already."""

    def __init__(
        self, head: bytes, file: Readable, progress: Callable[[int], object] | None
    ) -> None:
        self.head = head
        self.file = file
        self.progress = progress

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self.head or self.file.read(len(buffer)) or b""
        self.head = b""
        buffer[: len(data)] = data
        if self.progress is not None:
            self.progress(len(data))
        return len(data)
