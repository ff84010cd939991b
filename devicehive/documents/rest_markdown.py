"""Generates docs/rest.md."""

from collections.abc import Iterator
from itertools import groupby

from devicehive.documents.described import anchor_of
from devicehive.documents.endpoints import Endpoint, endpoints
from devicehive.documents.introduction import REST_PARAGRAPHS, REST_TITLE
from devicehive.documents.markdown import NOTICE, table
from devicehive.documents.parity import Difference, parity
from devicehive.protocol.actions import registry
from devicehive.protocol.paths import Path

ABOUT = (
    "A server shows all this at `/docs/rest/`, with parameters, bodies, errors and examples, and "
    "requests can be tried there. Programs read it at `/openapi.json`. "
    "[protocol.md](protocol.md) describes the actions and their errors; REST differs only where "
    "the end of this page says so."
)
DIFFERENCES_TITLE = "Where it differs from the WebSocket"
DIFFERENCES = (
    "All other requests are answered like a frame with the same members; a test requests every "
    "action both ways. Actions that only REST has are listed above without a link. `...` stands "
    "for a value."
)
DIFFERENCES_HEAD = ("Method", "Path", "A frame is answered", "REST answers")
TABLE_HEAD = ("Method", "Path", "Action", "Needs", "Answers", "What it does")


def rest_document() -> str:
    """The text of docs/rest.md."""
    return "\n\n".join(_parts()) + "\n"


def _parts() -> Iterator[str]:
    yield f"# {REST_TITLE}"
    yield NOTICE
    yield ABOUT
    yield from REST_PARAGRAPHS
    for title, found in groupby(endpoints(), key=lambda endpoint: endpoint.section):
        yield f"## {title}"
        yield table(TABLE_HEAD, map(_row, found))
    yield from _differences()


def _row(endpoint: Endpoint) -> tuple[str, ...]:
    return (
        endpoint.method,
        f"`/{endpoint.template}`",
        _action(endpoint.action.name),
        ", ".join(f"`{permission}`" for permission in endpoint.permissions),
        ", ".join(map(str, endpoint.answers)),
        endpoint.summary,
    )


def _action(name: str) -> str:
    """A link to the action in docs/protocol.md, if frames can request it."""
    return f"[`{name}`](protocol.md#{anchor_of(name)})" if name in registry else ""


def _differences() -> Iterator[str]:
    yield f"## {DIFFERENCES_TITLE}"
    yield DIFFERENCES
    yield table(DIFFERENCES_HEAD, map(_difference, parity().answers))
    yield "\n".join(_notes())


def _notes() -> Iterator[str]:
    told = parity().contents
    for endpoint in endpoints():
        where = f"{endpoint.method} {endpoint.path.text}"
        if text := " ".join(filter(None, (told.get(where), endpoint.call.note))):
            yield f"- `{endpoint.method} /{endpoint.template}`: {text}"


def _difference(difference: Difference) -> tuple[str, ...]:
    method, _, path = difference.where.partition(" ")
    where = (method, f"`/{Path.of(path).template}`") if path else ("any", "any")
    return (*where, _told(difference.frame), _told(difference.rest))


def _told(answer: str) -> str:
    code, _, text = answer.partition(" ")
    return f"{code} `{' '.join(text.split())}`" if text else code
