"""The introductions of the documents: what a reader has to know before the single actions."""

from textwrap import dedent

from devicehive import API_VERSION, __version__
from devicehive.hosts import WEBSOCKET_PATH
from devicehive.protocol.json_texts import MOST_DIGITS
from devicehive.protocol.shapes import MOST_NESTED

TITLE = "The WebSocket protocol"
REST_TITLE = "REST"
PUSHES = "What the server pushes"
ABOUT_PUSHES = (
    "A client gets one message for each of its subscriptions that an event matches. A push has no "
    "`requestId` and no `status`; this distinguishes it from the answer to the action of the same "
    "name."
)

PARAGRAPHS = [
    paragraph.replace("\n", " ")
    for paragraph in dedent(
        f"""\
        Connect to `{WEBSOCKET_PATH}`. Each text frame is one JSON object. A request has an
        `action`, the members of that action and, if you like, a `requestId` of any type. It gets
        exactly one answer, with the same `action` and `requestId` (`null` without one); answers
        come in the order of the requests. Members that an action does not know are ignored.

        The answer to a success has `"status": "success"` and the members listed below: all of
        them, `null` where there is nothing. A refusal has `"status": "error"`, a `code` and an
        `error` text. A frame that is not a JSON object is answered without `action` and
        `requestId`.

        In a request `null` is the same as absent. Integers may come as digits in a string, and
        texts as numbers. A timestamp is UTC, `2026-01-31T12:00:00.000`, without a zone; requests
        may also use ISO 8601 with one, RFC 1123, or milliseconds since 1970. A member of any other
        type is refused with 400, as malformed unless the action lists an error for it.

        `data`, `parameters` and `result` come back as they were sent, to the digit. Integers of
        more than {MOST_DIGITS} digits, decimals too large for a double, and objects nested deeper
        than {MOST_NESTED} are refused with 400. If a member occurs twice, its last value is stored.

        Get a token with `token`, then `authenticate` with it. The token lists what the connection
        may do: permissions, networks and device types. Whatever is listed, the connections of a
        client reach only the networks that the client is a member of. An anonymous connection is
        refused with 401; one whose token lacks the permission, or does not reach what the request
        names, with 403.

        Names in filters match exactly. A pattern matches the whole value: `%` is any run of
        characters, `_` is one, a backslash escapes. Sort fields and orders may be in any case.

        This describes version {__version__} of the server. The version in `server/info` is another
        one, {API_VERSION}: that of the reference server whose protocol it speaks."""
    ).split("\n\n")
]

REST_PARAGRAPHS = [
    paragraph.replace("\n", " ")
    for paragraph in dedent(
        """\
        These are the actions of the WebSocket protocol over HTTP, with the same checks and the same
        errors. The same paths exist below `/api/rest`, `/auth/rest` and `/dh/rest`. Bodies are JSON
        in UTF-8, both ways. A slash at the end of a path makes no difference.

        Get a token with `POST /token`, and send it as `Authorization: Bearer ...`. The token lists
        what a request may do: permissions, networks and device types. Without a token it is refused
        with 401; with one that lacks the permission, or does not reach what the request names, with
        403. These are checked before anything else in the request.

        Every error has the body `{"error": <the status>, "message": <a text>}`. `...` in the
        texts listed here stands for a value. A success is 200, or 201 if something was created, or
        204 without a body if there is nothing to answer. An answer has all members listed, `null`
        where there is nothing.

        In a request `null` is the same as absent, and unknown members are ignored. Lists in a
        query are separated by commas. Integers in a body may come as digits in a string, and texts
        as numbers. A timestamp is UTC, `2026-01-31T12:00:00.000`, without a zone; requests may also
        use ISO 8601 with one, RFC 1123, or milliseconds since 1970. Sort fields and orders may be
        in any case. A pattern matches the whole value: `%` is any run of characters, `_` is one, a
        backslash escapes.

        A poll answers at once with what was stored since its `timestamp`; if there is nothing, it
        waits for the first event that matches, for `waitTimeout` seconds at most, and is answered
        with that alone, or with an empty list. Continue from the greatest timestamp that you have
        received. The next poll does not return other events that were stored in that very
        millisecond: a client that must not miss any event has to use the WebSocket.

        The server answers 429 to more requests per second with one token than it is configured to
        take, to more polls from one address than may wait, and to more requests from one address
        than it handles at once. It answers 503 when all clients together send too many requests, or
        when its database is away. `Retry-After` says when to try again.

        Every path answers `OPTIONS`, so pages of any origin can use it, and `HEAD` where it has
        `GET`. A `POST` with `X-HTTP-Method-Override: PUT`, `DELETE`, `HEAD` or `OPTIONS` is treated
        as that method. A path that does not exist is answered with 404, a method that the path does
        not have with 405.

        The request line and the headers together may have 16 KB, most of which is the token; the
        server answers 431 to more. A token that lists about 1,500 networks or device types is
        longer. It works over the WebSocket, where `token/create` can make a narrower one.

        A client that closes its sending side but still reads, as `nc -N` does, gets all its
        answers. Polls are answered at once then."""
    ).split("\n\n")
]
