"""What every answer repeats, and the order of checks before an action's own (1.5, 1.6, 1.8)."""

import json

import pytest

from devicehive.log.lines import members_of
from devicehive.protocol import actions, calls
from devicehive.protocol.permissions import ALL, NO_LIMIT, Permission, Principal
from tests.conftest import Connection

MALFORMED = {"status": "error", "code": 400, "error": "Malformed Json received."}


def connection(*permissions: Permission) -> Connection:
    """A connection with an unrestricted token for `permissions`, or without any."""
    if not permissions:
        return Connection()
    return Connection(
        Principal(
            user_id=1,
            is_admin=True,
            permissions=frozenset(permissions),
            networks=NO_LIMIT,
            device_types=NO_LIMIT,
        )
    )


def answer_text(frame: str) -> str:
    return connection().text(frame)


def error(action: object, code: int, text: str, request_id: object = None) -> dict[str, object]:
    return {
        "action": action,
        "requestId": request_id,
        "status": "error",
        "code": code,
        "error": text,
    }


REQUEST_IDS = [
    "1",
    "1.0",
    "-0.0",
    "1e5",
    "1E400",
    "123456789012345678901234567890",
    "9" * 5000,
    '"1"',
    '""',
    '"a\\/b\\u00e9é"',
    '"\\u0000"',
    "true",
    "false",
    "null",
    "[]",
    '[1, 1.0, {"a":null}]',
    '{"b":1,"a":2}',
]


@pytest.mark.parametrize("request_id", REQUEST_IDS)
def test_a_success_repeats_the_request_id_exactly(request_id: str) -> None:
    answer = answer_text(f'{{"action": "server/info", "requestId": {request_id}}}')
    assert answer.startswith(
        f'{{"action":"server/info","requestId":{request_id},"status":"success","info":{{'
    )


@pytest.mark.parametrize("request_id", REQUEST_IDS)
def test_an_error_repeats_the_request_id_exactly(request_id: str) -> None:
    answer = answer_text(f'{{"requestId": {request_id}, "action": "device/get"}}')
    assert answer == (
        f'{{"action":"device/get","requestId":{request_id},"status":"error",'
        '"code":401,"error":"Unauthorized"}'
    )


@pytest.mark.parametrize("request_id", REQUEST_IDS)
def test_an_ill_typed_frame_repeats_the_request_id_exactly(request_id: str) -> None:
    answer = answer_text(f'{{"action": "device/get", "networkId": "x", "requestId": {request_id}}}')
    assert answer == (
        f'{{"action":"device/get","requestId":{request_id},"status":"error",'
        '"code":400,"error":"Malformed Json received."}'
    )


def test_without_a_request_id_the_answer_has_null() -> None:
    answer = connection().send('{"action": "server/info"}')
    assert answer.keys() == {"action", "requestId", "status", "info"}
    assert answer["requestId"] is None


def test_an_action_may_be_escaped() -> None:
    answer = connection().send(r'{"action": "device\/get", "requestId": 1}')
    assert answer == error("device/get", 401, "Unauthorized", 1)


def test_an_error_has_exactly_five_members() -> None:
    answer = connection().send('{"action": "device/get", "more": 1, "token": "x"}')
    assert answer == error("device/get", 401, "Unauthorized")


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ('"device"', "device"),
        ('"Device/Save"', "Device/Save"),
        ('" device/save"', " device/save"),
        ('"%s"', "%s"),
        ('"\\u0000"', "\0"),
        ("5", "5"),
        ("-0.5", "-0.5"),
        ("1e3", "1e3"),
        ("1E400", "1E400"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("9" * 5000, "9" * 5000),
        ("true", "true"),
        ("false", "false"),
    ],
)
def test_an_unknown_action_is_named_and_repeated(action: str, text: str) -> None:
    answer = answer_text(f'{{"action": {action}, "requestId": 1}}')
    assert answer.startswith(f'{{"action":{action},"requestId":1,')
    assert answer.endswith(
        f'"status":"error","code":400,"error":{json.dumps("Illegal argument: " + text)}}}'
    )


@pytest.mark.parametrize("action", ["null", '""', "{}", "[]", '{"a": 1e5}', '["device/save"]'])
def test_a_missing_action_is_said_so(action: str) -> None:
    assert answer_text(f'{{"action": {action}}}') == (
        f'{{"action":{action},"requestId":null,"status":"error","code":400,'
        '"error":"\'action\' field could not be parsed to known endpoint"}'
    )


def test_an_absent_action_is_repeated_as_null() -> None:
    answer = connection().send("{}")
    assert answer == error(None, 400, "'action' field could not be parsed to known endpoint")


@pytest.mark.parametrize(
    "frame",
    [
        "",
        " \t\r\n",
        "not a Json",
        "1",
        '"text"',
        "true",
        "null",
        "[]",
        '[{"action": "server/info"}]',
        '{"a": tru',
        '{"action": "server/info"',
        '{"action": "server/info"} more',
        '{"action": "server/info"}{}',
        '{"action": "server/info",}',
        '{"action": "server/info"}\0',
        '\ufeff{"action": "server/info"}',
        "{'action': 'server/info'}",
        '{action: "server/info"}',
        '{"action": server/info}',
        '{"action": "server/info", "requestId": NaN}',
        '{"action": "server/info", "more": NaN}',
        '{"action": "server/info", "more": [-Infinity]}',
        '{"action": "server/info", "more": 01}',
        '{"action": "server/info", "more": +1}',
        '{"action": "server/info", "more": .5}',
        '{"action": "server/info", "more": 1.}',
        '{"action": "server/info", "more": 0x1}',
        '{"action": "server/info", "more": [1,]}',
        '{"action": "server/info", "more": "\\q"}',
        '{"action": "server/info", "more": "\t"}',
        '{"action": "server/info", "more": "\\u12"}',
        '{"action": "server/info"} // comment',
        '{"action": "server/info" /* comment */}',
        # Escaped halves of a surrogate pair are no text, whatever the member.
        '{"action": "server/info", "more": "\\ud800"}',
        '{"action": "server/info", "requestId": "\\udc00"}',
        '{"action": "device/get", "deviceId": "\\ud83d"}',
        # An ill-typed member does not hide what is broken further on.
        '{"action": "server/info", "deviceId": [], "more": NaN}',
        '{"action": "server/info", "deviceId": []',
        '{"action": 5, "more": NaN}',
    ],
)
def test_what_is_no_json_object_is_malformed(frame: str) -> None:
    assert connection().send(frame) == MALFORMED


@pytest.mark.parametrize(
    "frame",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '{"action": "server/info", "more": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"action": "server/info", "requestId": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"action": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"action": "server/info", "deviceId": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
    ids=["open", "list", "object", "member", "requestId", "action", "deviceId"],
)
def test_what_is_nested_100_000_deep_is_malformed(frame: str) -> None:
    assert connection().send(frame) == MALFORMED


def test_the_last_of_duplicate_keys_counts() -> None:
    frame = '{"action": "x", "requestId": 1, "requestId": 2, "action": "device/get"}'
    assert connection().send(frame) == error("device/get", 401, "Unauthorized", 2)


def test_blanks_around_a_frame_do_not_matter() -> None:
    assert connection().send(' \r\n\t{ "action" : "device/get" } \n') == error(
        "device/get", 401, "Unauthorized"
    )


# The pipeline: a frame that fails two steps is answered by the first.


def test_the_action_comes_before_the_types_of_ids() -> None:
    answer = connection().ask("nothing", deviceId=[])
    assert answer == error("nothing", 400, "Illegal argument: nothing", 1)


@pytest.mark.parametrize("member", ["deviceId", "networkId", "deviceTypeId"])
@pytest.mark.parametrize("action", sorted(actions.registry))
def test_ids_are_typed_for_every_action_before_its_permission(action: str, member: str) -> None:
    answer = connection().ask(action, **{member: {}})
    assert answer == error(action, 400, "Malformed Json received.", 1)


@pytest.mark.parametrize("member", ["deviceId", "networkId", "deviceTypeId"])
def test_ids_may_be_null(member: str) -> None:
    assert connection().ask("server/info", **{member: None})["status"] == "success"


GATED = sorted(name for name, action in actions.registry.items() if action.needs)


@pytest.mark.parametrize("action", GATED)
def test_anonymous_comes_before_the_types_of_members(action: str) -> None:
    answer = connection().ask(action, device=5, payload=5, take=[], name=[])
    assert answer == error(action, 401, "Unauthorized", 1)


@pytest.mark.parametrize("action", GATED)
def test_the_permission_comes_before_the_types_of_members(action: str) -> None:
    others = ALL - actions.registry[action].needs
    answer = connection(*others).ask(action, device=5, payload=5, take=[], name=[])
    assert answer == error(action, 403, "Access is denied", 1)


def test_a_token_for_nothing_allows_nothing() -> None:
    assert connection(Permission.NONE).ask("device/list") == error(
        "device/list", 403, "Access is denied", 1
    )


@pytest.mark.parametrize(
    ("action", "members"),
    [
        ("device/save", {"device": 5}),
        ("device/list", {"take": []}),
        ("device/count", {"name": []}),
        ("command/insert", {"command": 5}),
    ],
)
def test_the_types_of_members_come_last(action: str, members: dict[str, object]) -> None:
    assert connection(*ALL).ask(action, **members) == error(
        action, 400, "Malformed Json received.", 1
    )


def test_a_failure_of_our_own_is_answered_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(calls, "require", None)
    answer = connection(*ALL).ask("device/list")
    (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
    members = members_of(record)
    assert (members["action"], members["request"]) == ("device/list", "1")
    text = f"Internal server error (error {members['error']})"
    assert answer == error("device/list", 500, text, 1)
