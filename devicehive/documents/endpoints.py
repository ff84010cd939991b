"""Describes each REST path and method for the documents, from its row and its action."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from devicehive.documents.described import Error
from devicehive.documents.examples import HttpExample, http_example_of
from devicehive.documents.schemas import Schema, not_null, schema_of
from devicehive.documents.sections import title_of, titles
from devicehive.protocol.actions import Action, registry
from devicehive.protocol.bodies import refusals_by_member
from devicehive.protocol.http_messages import NO_CONTENT
from devicehive.protocol.paths import Path
from devicehive.protocol.refusals import HttpRefusal, LaterRefusal, ProtocolRefusal, Refusal
from devicehive.protocol.routes import EVERY_MEMBER, Call, Text, routes

ANY_REQUEST = (
    HttpRefusal.REQUEST_TIMEOUT,
    HttpRefusal.BODY_TOO_LONG,
    LaterRefusal.TOO_MANY_REQUESTS,
    HttpRefusal.HEAD_TOO_LONG,
    ProtocolRefusal.INTERNAL,
    LaterRefusal.UNAVAILABLE,
    LaterRefusal.STORAGE_FULL,
)
"""The refusals that any request may get."""


@dataclass(frozen=True)
class Endpoint:
    """A method of a REST path in the documents."""

    path: Path
    method: str
    call: Call

    @property
    def action(self) -> Action:
        return self.call.action

    @property
    def section(self) -> str:
        """The title of its section: that of the actions for the same resource, or else that of its
        action's module."""
        about = self.action.name.removeprefix("rest/").partition("/")[0]
        for name, action in registry.items():
            if name.partition("/")[0] == about:
                return title_of(action.handler.__module__)
        return title_of(self.action.handler.__module__)

    @property
    def text(self) -> str:
        return "\n\n".join(filter(None, (self.action.text, self.call.note)))

    @property
    def summary(self) -> str:
        """The first sentence of `text`, up to a colon or semicolon."""
        first = self.text.partition("\n\n")[0].replace("\n", " ").partition(". ")[0]
        return first.partition(": ")[0].partition("; ")[0].rstrip(".")

    @property
    def template(self) -> str:
        return self.path.template

    @property
    def permissions(self) -> list[str]:
        return sorted(permission.wire_name for permission in self.action.needs)

    @property
    def _schema(self) -> Schema:
        return schema_of(self.action.params)

    @property
    def in_path(self) -> dict[str, Schema]:
        members = self._schema["properties"]
        return {name: not_null(members[name]) for name in self.path.members}

    @property
    def in_query(self) -> dict[str, Schema]:
        if self.call.body == EVERY_MEMBER:
            return {}
        return {
            name: not_null(schema | self._default(name))
            for name, schema in self._schema["properties"].items()
            if name not in self.path.members and name != self.call.body
        }

    def _default(self, name: str) -> Schema:
        return {"default": self.call.defaults[name]} if name in self.call.defaults else {}

    @property
    def body(self) -> Schema | None:
        if self.call.body is None:
            return None
        if self.call.body != EVERY_MEMBER:
            return not_null(self._schema["properties"][self.call.body])
        return {
            "type": "object",
            "properties": {
                name: schema
                for name, schema in self._schema["properties"].items()
                if name not in self.path.members
            },
            "required": [n for n in self._schema["required"] if n not in self.path.members],
        }

    @property
    def needs_body(self) -> bool:
        """Whether a request without a body is refused."""
        if self.call.no_body is None:
            return self.call.body == EVERY_MEMBER or self.call.body in self._schema["required"]
        return isinstance(self.call.no_body, Refusal)

    @property
    def media_type(self) -> str:
        return "text/plain" if isinstance(self.call, Text) else "application/json"

    @property
    def answers(self) -> dict[int, Schema | None]:
        """The schemas of successful answers by status; most endpoints have only one."""
        shape = self._answer_type()
        if self.call.status == NO_CONTENT or shape is None:
            return {NO_CONTENT: None}
        found: dict[int, Schema | None] = {self.call.status: not_null(schema_of(shape))}
        return found | ({NO_CONTENT: None} if type(None) in get_args(shape) else {})

    def _answer_type(self) -> Any:
        if self.call.answer is None:
            return self.action.answer
        return get_type_hints(self.call.answer)["return"]

    @property
    def errors(self) -> list[Error]:
        return sorted({Error.of(refusal) for refusal in self._refusals()})

    def _refusals(self) -> Iterator[Refusal]:
        call = self.call
        never = self._never()
        yield from (call.worded(each) for each in self.action.errors if each not in never)
        yield from call.texts.values()
        if self.action.needs:
            yield from (ProtocolRefusal.TOKEN_EXPIRED, LaterRefusal.TOO_MANY_MESSAGES)
        if self.path.numbers:
            yield HttpRefusal.NOT_FOUND
        if self.in_path or self.in_query or self.body:
            yield call.worded(ProtocolRefusal.MALFORMED)
        if any(schema.get("format") == "timestamp" for schema in self.in_query.values()):
            yield HttpRefusal.UNPARSEABLE_TIMESTAMP
        if call.body is not None:
            yield HttpRefusal.UNSUPPORTED_MEDIA_TYPE
        if isinstance(call.no_body, Refusal):
            yield call.no_body
        if isinstance(call.no_body, Call):
            yield from Endpoint(self.path, self.method, call.no_body)._refusals()
        yield from ANY_REQUEST

    def _never(self) -> frozenset[Refusal]:
        """Refusals of the action that do not occur here: those for missing members that the path or
        body always gives, and those in the row's `never`."""
        given = {*self.path.members}
        if self.call.no_body is not None:
            given.add(str(self.call.body))
        return self.call.never | {
            refusal
            for name, refusal in refusals_by_member(self.action.params).items()
            if name in given and refusal not in self.call.texts
        }

    @property
    def example(self) -> HttpExample:
        return http_example_of(self.path, self.call)


@cache
def endpoints() -> list[Endpoint]:
    """All methods of all paths, sorted by section and path. Sections that were not declared come
    last."""
    found = [
        Endpoint(route.path, method, call)
        for route in routes
        for method, call in route.methods.items()
    ]
    order = [*dict.fromkeys([*titles.values(), *(each.section for each in found)])]
    return sorted(found, key=lambda each: (order.index(each.section), each.path.text))
