"""Describes each action for the documents: its permissions, members, answer and errors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple, Self

from devicehive.documents.examples import Example, Frame, example_of, example_of_push
from devicehive.documents.schemas import Schema, not_null, schema_of
from devicehive.documents.sections import title_of, titles
from devicehive.events.pushes import Push, pushes
from devicehive.protocol.actions import Action, registry
from devicehive.protocol.refusals import INVALID, LaterRefusal, ProtocolRefusal, Refusal, Rule


class Error(NamedTuple):
    """A refusal in the documents, with `...` where the text has a value."""

    code: int
    text: str

    @classmethod
    def of(cls, reason: Refusal) -> Self:
        text = reason.shown
        if isinstance(reason, Rule):
            text = f"{INVALID.partition(' ')[0]} ... On property ...: {text} ;"
        return cls(reason.code, text)


ANY_ACTION = [
    Error.of(ProtocolRefusal.MALFORMED),
    Error.of(ProtocolRefusal.ANSWER_TOO_LARGE),
    Error.of(ProtocolRefusal.TOKEN_EXPIRED),
    Error.of(LaterRefusal.TOO_MANY_MESSAGES),
    Error.of(ProtocolRefusal.INTERNAL),
    Error.of(LaterRefusal.UNAVAILABLE),
    Error.of(LaterRefusal.STORAGE_FULL),
]
NO_ACTION = [Error.of(ProtocolRefusal.ACTION_MISSING), Error.of(ProtocolRefusal.ILLEGAL_ARGUMENT)]


@dataclass(frozen=True, slots=True)
class Member:
    """A row of a table: a member of a request or an answer, or of an object in one."""

    path: str
    schema: Schema
    needed: bool

    @property
    def kind(self) -> str:
        return kind_of(self.schema)

    @property
    def limits(self) -> str:
        return ", ".join(_limits(self.schema))


@dataclass(frozen=True, slots=True)
class Described:
    """An action in the documents."""

    action: Action
    text: str
    request: Schema
    answer: Schema

    @property
    def name(self) -> str:
        return self.action.name

    @property
    def anchor(self) -> str:
        return anchor_of(self.name)

    @property
    def example(self) -> Example:
        return example_of(self.action)

    @property
    def permissions(self) -> list[str]:
        return sorted(permission.wire_name for permission in self.action.needs)

    @property
    def target(self) -> str | None:
        """The member of the request that the gate checks, such as `deviceTypeId`."""
        if self.action.target is None:
            return None
        first, *rest = f"{self.action.target.__name__}_id".split("_")
        return first + "".join(map(str.title, rest))

    @property
    def errors(self) -> list[Error]:
        return sorted({*map(Error.of, self.action.errors)})

    @property
    def takes(self) -> list[Member]:
        """The members of the request, without `or null`: an optional member may always be null."""
        return [replace(each, schema=not_null(each.schema)) for each in _members(self.request)]

    @property
    def answers(self) -> list[Member]:
        return list(_members(self.answer))


@dataclass(frozen=True, slots=True)
class DescribedPush:
    """A push in the documents."""

    push: Push

    @property
    def name(self) -> str:
        return self.push.action

    @property
    def text(self) -> str:
        return self.push.text

    @property
    def heading(self) -> str:
        return f"Push of {self.name}"

    @property
    def anchor(self) -> str:
        return anchor_of(self.heading)

    @property
    def example(self) -> Frame:
        return example_of_push(self.name, registry[self.push.shown_by])

    @property
    def schema(self) -> Schema:
        members = {
            "action": {"const": self.name},
            self.push.member: schema_of(self.push.body),
            "subscriptionId": {"type": "integer", "format": "int64"},
        }
        return {"type": "object", "properties": members, "required": list(members)}

    @property
    def members(self) -> list[Member]:
        return [each for each in _members(self.schema) if each.path != "action"]


def described_pushes() -> list[DescribedPush]:
    return [DescribedPush(push) for _, push in sorted(pushes.items())]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the documents: a title and its actions."""

    title: str
    actions: list[Described]

    @property
    def anchor(self) -> str:
        return anchor_of(self.title)


@cache
def sections() -> list[Section]:
    """All sections in the order in which they were declared. Modules that no section names, as of
    an app that was added, come last, in a section with the name of their app."""
    found = {title: Section(title, []) for title in titles.values()}
    places = {module: place for place, module in enumerate(titles)}
    last = len(places)
    for action in sorted(
        registry.values(), key=lambda each: places.get(each.handler.__module__, last)
    ):
        title = title_of(action.handler.__module__)
        found.setdefault(title, Section(title, [])).actions.append(described(action))
    return list(found.values())


def described(action: Action) -> Described:
    return Described(
        action,
        action.text,
        schema_of(action.params),
        _answer(action),
    )


def _answer(action: Action) -> Schema:
    if action.returns is not None:
        members = {action.returns: schema_of(action.answer)}
        return {"type": "object", "properties": members, "required": list(members)}
    if action.answer is None:
        return {"type": "object", "properties": {}, "required": []}
    return schema_of(action.answer)


def anchor_of(heading: str) -> str:
    """The anchor that GitHub gives to a heading of docs/protocol.md; the page of the server uses
    the same."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _members(schema: Schema, prefix: str = "") -> Iterator[Member]:
    for name, member in schema.get("properties", {}).items():
        path = prefix + name
        yield Member(path, member, name in schema["required"])
        yield from _members(member, f"{path}.")
        yield from _members(member.get("items", {}), f"{path}[].")


def kind_of(schema: Schema) -> str:
    """The type in words, such as `string`, `array of integer` or `object or null`."""
    types = schema.get("type", "any")
    names = types if isinstance(types, list) else [types]
    if schema.get("format") == "timestamp":
        names = ["timestamp", *names[1:]]
    if "items" in schema:
        names = [f"array of {kind_of(schema['items'])}", *names[1:]]
    return " or ".join(names)


def _limits(schema: Schema) -> Iterator[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if most is not None:
        yield f"{least} to {most} characters" if least else f"at most {most} characters"
    if "pattern" in schema:
        yield f"matches `{schema['pattern']}`"
    if "enum" in schema:
        yield " or ".join(f"`{value}`" for value in schema["enum"] if value is not None)
    if schema.get("format") in ("int32", "int64") and "enum" not in schema:
        yield f"{schema['format'][3:]} bits"
    if "minimum" in schema:
        yield f"{schema['minimum']} or more"
    if "default" in schema:
        yield f"{schema['default']} if absent"
    if "description" in schema:
        yield schema["description"]
