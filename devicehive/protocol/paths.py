"""Paths of REST: literal segments, and segments that are members of the request (REST 1.2)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

from devicehive.protocol.shapes import whole_number


class Segment(NamedTuple):
    """A part of a path between slashes: a literal text, or a member by its name on the wire."""

    literal: str | None
    member: str = ""
    is_number: bool = False

    @classmethod
    def of(cls, text: str) -> Self:
        """Read `device`, `<deviceId>` or `<int:userId>`, in whose place another text is no path."""
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
        """Sorts paths so that a literal segment wins over a member."""
        return [segment.literal is None for segment in self.segments]

    @property
    def members(self) -> list[str]:
        return [segment.member for segment in self.segments if segment.literal is None]

    @property
    def numbers(self) -> list[str]:
        """The members that are numbers: another text in their place is another path."""
        return [segment.member for segment in self.segments if segment.is_number]

    @property
    def template(self) -> str:
        """The path with its members as `{deviceId}`, as OpenAPI has it."""
        return self.fill({name: f"{{{name}}}" for name in self.members})

    def fill(self, members: Mapping[str, str]) -> str:
        """The path with these texts for its members."""
        return "/".join(
            members[segment.member] if segment.literal is None else segment.literal
            for segment in self.segments
        )

    def match(self, parts: Sequence[str]) -> dict[str, str] | None:
        """The members that the parts of a path give, or None for another path."""
        if len(parts) != len(self.segments):
            return None
        if not all(map(Segment.matches, self.segments, parts)):
            return None
        return {
            segment.member: part
            for segment, part in zip(self.segments, parts, strict=True)
            if segment.literal is None
        }
