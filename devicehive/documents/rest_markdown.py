"""docs/rest.md."""

from collections.abc import Iterator
from itertools import groupby

from devicehive.documents.described import anchor_of
from devicehive.documents.endpoints import Endpoint, endpoints
from devicehive.documents.introduction import REST_PARAGRAPHS, REST_TITLE
from devicehive.documents.markdown import NOTICE, table
from devicehive.protocol.actions import registry

ABOUT = (
    "A server shows all this at `/docs/rest/`, with parameters, bodies, errors and examples, and "
    "requests can be tried there. Programs read it at `/openapi.json`. What an action does and "
    "refuses, over REST as over the WebSocket, says [protocol.md](protocol.md)."
)
TABLE_HEAD = ("Method", "Path", "Action", "Needs", "Answers", "What it does")


def rest_document() -> str:
    return "\n\n".join(_parts()) + "\n"


def _parts() -> Iterator[str]:
    yield f"# {REST_TITLE}"
    yield NOTICE
    yield ABOUT
    yield from REST_PARAGRAPHS
    for title, found in groupby(endpoints(), key=lambda endpoint: endpoint.section):
        yield f"## {title}"
        yield table(TABLE_HEAD, map(_row, found))


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
    """A link to what frames have, too."""
    return f"[`{name}`](protocol.md#{anchor_of(name)})" if name in registry else ""
