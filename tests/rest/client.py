"""A client of REST without a socket: a request is answered by the real application."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.test import TestCase

from devicehive.asgi import router
from devices.models import User
from devices.services import tokens
from tests import threads

HOST = b"testserver"
JSON = "application/json"


@dataclass
class Response:
    """An answer, with the headers that were sent, by their names in lower case."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> Any:
        return json.loads(self.body) if self.body else None


class Rest:
    """Somebody's requests."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        mount: str = "/api/rest",
        scheme: str = "http",
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Response:
        """Send a request as bytes; `path` is percent-encoded already."""
        authorization = {"authorization": f"Bearer {self.token}"} if self.token else {}
        sent = {"host": HOST.decode(), **authorization, **(headers or {})}
        scope = {
            "type": "http",
            "method": method,
            "scheme": scheme,
            "path": f"{mount}/{path}",
            "raw_path": f"{mount}/{path}".encode(),
            "query_string": urlencode(query).encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ["127.0.0.1", 1],
        }
        with TestCase.captureOnCommitCallbacks(execute=True):
            return threads.run(_answered(scope, body))

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        """Send a request with a JSON body, and return status and content."""
        sent = b"" if body is None else json.dumps(body).encode()
        response = self.send(method, path, sent, **options)
        return response.status, response.content

    def get(self, path: str, **options: Any) -> tuple[int, Any]:
        return self.ask("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        return self.ask("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        return self.ask("PUT", path, body, **options)

    def delete(self, path: str, **options: Any) -> tuple[int, Any]:
        return self.ask("DELETE", path, **options)


async def _answered(scope: dict[str, Any], body: bytes) -> Response:
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()  # The client stays.
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await router(scope, receive, send)
    start, content = sent
    return Response(
        start["status"],
        content["body"],
        {name.decode(): value.decode() for name, value in start["headers"]},
    )


def rest(user: User, **claims: tuple[Any, ...] | None) -> Rest:
    """Requests with the token that `user` gets at login, or with other claims."""
    scope = tokens.scope_of(user)
    scope = tokens.Scope(
        claims.get("a", scope.actions),
        claims.get("n", scope.networks),
        claims.get("dt", scope.device_types),
    )
    return Rest(tokens.issue(user, scope).access)


def refused(status: int, message: str) -> tuple[int, Any]:
    """The whole answer to what is refused."""
    return status, {"error": status, "message": message}


UNAUTHORIZED = refused(401, "Unauthorized")
FORBIDDEN = refused(403, "Access is denied")
INVALID = refused(400, "Invalid request parameters")
NO_BODY = refused(400, "Error! Validation failed: Object is null")
DONE = (204, None)
