"""The REST transport: turns an HTTP request into a request for an action (REST 1.1 to 1.6).

    path, query, body -> Request -> perform -> status and JSON

It deals with bytes, codes and headers, and has no rules: `routes.py` says what each path means.
"""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from devicehive.log.outcomes import note_refusal
from devicehive.log.visitors import VISITOR, Visitor, note_user
from devicehive.metrics import note_answer
from devicehive.orm.failures import refusal_of
from devicehive.protocol import bearer, calls, polls, routes
from devicehive.protocol.actions import Caller, Runs
from devicehive.protocol.calls import Request
from devicehive.protocol.failures import refuse_failure
from devicehive.protocol.http_messages import Answer, HttpRequest, Receive, Send
from devicehive.protocol.polls import Poll
from devicehive.protocol.refusals import HttpRefusal, ProtocolRefusal, Refused
from devicehive.protocol.routes import Call
from devicehive.serving import database
from devicehive.serving.addresses import has_left_of, host_of
from devicehive.serving.capacity import Capacity

MOST_IN_FLIGHT = 1_000
"""How many requests a process handles or keeps waiting: two batches of saves, or a second of reads.
A connection has one at a time."""
MOST_IN_FLIGHT_OF_ADDRESS = 500

in_flight = Capacity(MOST_IN_FLIGHT, MOST_IN_FLIGHT_OF_ADDRESS)
"""The capacity for all requests but polls, which have one of their own."""


class RestApplication:
    """The ASGI application below a mount such as `/api/rest`."""

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        VISITOR.set(Visitor.of(scope))
        http = HttpRequest(scope, receive)
        answer = await respond(http)
        if http.method == "HEAD" and scope["method"] != "HEAD":
            # For HTTP this answers a POST, so its Content-Length must be that of the empty body.
            answer = answer._replace(body=b"")
        await answer.send(send, bodiless=http.method == "HEAD")


async def require_upgrade(scope: Any, receive: Receive, send: Send) -> None:
    """The ASGI application that answers plain HTTP requests to the paths of WebSockets with 426."""
    upgrade = (b"upgrade", b"websocket"), (b"connection", b"Upgrade")
    refused = HttpRefusal.UPGRADE_REQUIRED()
    note_refusal(refused.because("handshake refused"), Visitor.of(scope), path=scope["path"])
    answer = Answer.refuse(refused, *upgrade)
    await answer.send(send, bodiless=scope["method"] == "HEAD")


async def respond(http: HttpRequest) -> Answer:
    """The answer to a request; every exception has one."""
    try:
        return await _respond(http)
    except Refused as refused:
        note_refusal(refused, method=http.method, path=http.path)
        return Answer.refuse(refused)
    except Exception as error:
        return Answer.refuse(refuse_failure(error, method=http.method, path=http.path))


async def _respond(http: HttpRequest) -> Answer:
    if http.method == "OPTIONS":
        return Answer(200)
    found = routes.match(http.path)
    if found is None:
        raise HttpRefusal.NOT_FOUND()
    call = found.methods.get("GET" if http.method == "HEAD" else http.method)
    if call is None:
        allowed = ", ".join(sorted(found.methods)).encode()
        return Answer.refuse(HttpRefusal.METHOD_NOT_ALLOWED(), (b"allow", allowed))
    read_at = monotonic()
    try:
        answer = await _answer(http, call, found.members)
    except Exception as error:
        _note(call, _code(error), read_at)
        raise
    _note(call, 200, read_at)
    return answer


def _note(call: Call, code: int, read_at: float) -> None:
    note_answer(call.name, code, None if call.waits else monotonic() - read_at)


def _code(error: Exception) -> int:
    """The status code with which an exception will be answered."""
    refused = error if isinstance(error, Refused) else refusal_of(error)
    return refused.code if refused else ProtocolRefusal.INTERNAL.code


async def _answer(http: HttpRequest, call: Call, members: Mapping[str, str]) -> Answer:
    with (polls.capacity if call.waits else in_flight).hold(http.address):
        caller = await _authenticate(http, call)
        try:
            return await _perform(http, call, caller, members)
        except Refused as refused:
            raise call.word(refused) from None


async def _authenticate(http: HttpRequest, call: Call) -> Caller:
    """The caller, whose token is verified only if the action needs a permission. Raises Refused."""
    caller = Caller(
        base_url=http.base_url, address=host_of(http.scope), has_left=has_left_of(http.scope)
    )
    if call.action.needs:
        token = http.bearer
        if not token:
            raise ProtocolRefusal.UNAUTHORIZED()
        caller.principal = await bearer.find_principal(token)
        note_user(caller.principal.user_id)
        bearer.check_pace(token)
        if call.action.batch is not None:
            http.note_batched()
    return caller


async def _perform(
    http: HttpRequest, call: Call, caller: Caller, path: Mapping[str, str]
) -> Answer:
    try:
        call, request = await _read(http, call, path)
    except Refused:
        # The refusal may reveal a target that the caller must not know of, so check the gate first.
        gate = Request.of(call.action, path)
        await database.run_request(Runs.DATABASE, gate.check_gate, caller)
        raise
    if call.waits:
        poll = Poll(caller.principal, caller.address)
        http.end_with_client(poll.end)
        result = await poll.perform(request, http.receive)
    else:
        result = await calls.perform(caller, request)
    return call.write(result)


async def _read(http: HttpRequest, call: Call, path: Mapping[str, str]) -> tuple[Call, Request]:
    """The request that an HTTP request stands for. If a member occurs several times, the path wins
    over the body, the body over the query, and the query over the defaults. Raises Refused.
    """
    body = await http.body()
    if call.body is None:
        body = b""  # Go's client sends `{}` with everything.
    elif body and http.media_type != "application/json":
        raise HttpRefusal.UNSUPPORTED_MEDIA_TYPE()
    call, body = call.read_absence(body)
    members = {**call.defaults, **call.read_query(http.query), **call.read_body(body), **path}
    return call, Request.of(call.action, members)
