"""Path patterns of REST: literal segments, and segments for members of the request (REST 1.2)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

from devicehive.protocol.shapes import whole_number


class Segment(NamedTuple):
    """A part of a path between slashes: a literal text, or the wire name of a member."""

    literal: str | None
    member: str = ""
    is_number: bool = False

    @classmethod
    def of(cls, text: str) -> Self:
        """Parse `device`, `<deviceId>` or `<int:userId>`; the last matches whole numbers only."""
        if not text.startswith("<"):
            return cls(text)
        kind, _, name = text[1:-1].rpartition(":")
        return cls(None, name, is_number=kind == "int")

    def matches(self, text: str) -> bool:
        if self.literal is not None:
            return text == self.literal
        return bool(text) and not (self.is_number and not _is_number(text))


def _is_number(text: str) -> bool:
    try:
        whole_number(text, 64)
    except ValueError:
        return False
    return True


class Path(NamedTuple):
    """A path below a mount, such as `device/<deviceId>/command`."""

    text: str
    segments: tuple[Segment, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        return cls(text, tuple(Segment.of(part) for part in text.split("/")))

    @property
    def precedence(self) -> list[bool]:
        """The sort key by which paths are tried: a literal segment goes before a member."""
        return [segment.literal is None for segment in self.segments]

    @property
    def members(self) -> list[str]:
        return [segment.member for segment in self.segments if segment.literal is None]

    @property
    def numbers(self) -> list[str]:
        """The members that match whole numbers only."""
        return [segment.member for segment in self.segments if segment.is_number]

    @property
    def template(self) -> str:
        """The path as OpenAPI writes it, with members as `{deviceId}`."""
        return self.fill({name: f"{{{name}}}" for name in self.members})

    def fill(self, members: Mapping[str, str]) -> str:
        """The path with its members replaced by these texts."""
        return "/".join(
            members[segment.member] if segment.literal is None else segment.literal
            for segment in self.segments
        )

    def match(self, parts: Sequence[str]) -> dict[str, str] | None:
        """The members and their texts, or None if the parts do not match this path."""
        if len(parts) != len(self.segments):
            return None
        if not all(map(Segment.matches, self.segments, parts)):
            return None
        return {
            segment.member: part
            for segment, part in zip(self.segments, parts, strict=True)
            if segment.literal is None
        }
