"""What every reader of the documents needs to know before the actions."""

from textwrap import dedent

from devicehive import API_VERSION, __version__
from devicehive.hosts import WEBSOCKET_PATH
from devicehive.protocol.json_texts import MOST_DIGITS
from devicehive.protocol.shapes import MOST_NESTED

TITLE = "The WebSocket protocol"
REST_TITLE = "REST"
PUSHES = "What the server pushes"
ABOUT_PUSHES = (
    "Whoever has subscribed gets one message for each subscription that an event matches. A push "
    "has no `requestId` and no `status`; that tells it from the answer to the action of the same "
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
        `error` text. What is not a JSON object is answered without `action` and `requestId`.

        In a request `null` is the same as absent. Integers may come as digits in a string, and
        texts as numbers. A timestamp is UTC, `2026-01-31T12:00:00.000`, without a zone; requests
        may also use ISO 8601 with one, RFC 1123, or milliseconds since 1970. A member of any other
        type is refused with 400, as malformed unless the action lists an error for it.

        `data`, `parameters` and `result` come back as they were sent, to the digit. Integers of
        more than {MOST_DIGITS} digits, decimals too large for a double, and objects nested deeper
        than {MOST_NESTED} are refused with 400. Of a member that occurs twice, the last is stored.

        Get a token with `token`, then `authenticate` with it. What a connection may do is what its
        token lists: permissions, networks and device types. Whatever is listed, the connections
        of a client reach only the networks that the client is a member of. An anonymous
        connection is refused with 401; one whose token lacks the permission, or does not reach
        what the request names, with 403.

        Names in filters match exactly. A pattern matches the whole value: `%` is any run of
        characters, `_` is one, a backslash escapes. Sort fields and orders may be in any case.

        This describes version {__version__} of the server. `server/info` tells another number,
        {API_VERSION}: the version of the reference server whose protocol it speaks."""
    ).split("\n\n")
]

REST_PARAGRAPHS = [
    paragraph.replace("\n", " ")
    for paragraph in dedent(
        """\
        These are the actions of the WebSocket protocol over HTTP, with the same checks and the same
        errors. One tree of paths stands at `/api/rest`, `/auth/rest` and `/dh/rest`. Bodies are
        JSON in UTF-8, both ways. A slash at the end of a path makes no difference.

        Get a token with `POST /token`, and send it as `Authorization: Bearer ...`. What a request
        may do is what its token lists: permissions, networks and device types. Without a token it
        is refused with 401; with one that lacks the permission, or does not reach what the request
        names, with 403. These come before anything that is wrong with the request itself.

        Every error has the body `{"error": <the status>, "message": <a text>}`. `...` in the
        texts listed here stands for a value. A success is 200, 201 for what was created, and 204
        without a body where there is nothing to tell. An answer has all members listed, `null`
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
        received. A poll then does not tell what else was stored in that very millisecond: a client
        that must hear of everything uses the WebSocket.

        The server answers 429 to more requests with one token than it is configured to take in a
        second, to more polls from one address than may wait, and to more requests from one address
        than it handles at once. It answers 503 when all clients together ask for too much, or when
        its database is away. `Retry-After` says when to try again.

        Every path answers `OPTIONS`, so pages of any origin can use it, and `HEAD` where it has
        `GET`. `POST` with `X-HTTP-Method-Override: PUT`, `DELETE`, `HEAD` or `OPTIONS` is that
        method. A path that does not exist is answered with 404, a method that the path does not
        have with 405.

        The request line and the headers together may have 16 KB, most of which is the token; the
        server answers 431 to more. A token that lists about 1,500 networks or device types is
        longer. It works over the WebSocket, where `token/create` can make a narrower one.

        A client that stops sending and reads on, as `nc -N` does, still gets all its answers. Polls
        are answered at once then."""
    ).split("\n\n")
]
