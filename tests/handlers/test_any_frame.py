"""Whatever arrives gets exactly one well-formed answer, which is never 500 (R-06)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devicehive.protocol import actions
from devices.models import User
from devices.services.standing import unlimited
from tests.conftest import Connection
from tests.thorough import examples

SAMPLE = "e50d6085-2aba-48e9-b1c3-73c673e414be"
"""The device that every installation has."""
MALFORMED = {"status": "error", "code": 400, "error": "Malformed Json received."}

primitives = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
values = st.recursive(
    primitives,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
# Often enough what an action accepts, so that it gets as far as the database.
plausible = st.sampled_from([None, 0, 1, "1", -1, 1e3, 2**31, 2**63, True, "", "name", "%", "a\0b"])


def members(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, plausible | values))


bodies = values | members("name", "data", "networkId", "deviceTypeId", "isBlocked")
messages = values | members(
    "command", "notification", "timestamp", "parameters", "lifetime", "status", "result"
)
payloads = values | members(
    "userId", "actions", "networkIds", "deviceTypeIds", "expiration", "refreshExpiration"
)
frames: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"action": st.sampled_from([*sorted(actions.registry), "", "device", 5, 1.5, None, []])},
    optional={
        "requestId": values,
        "device": bodies,
        "payload": payloads,
        "deviceId": st.sampled_from([SAMPLE, "lamp", "la mp"]) | plausible,
        **dict.fromkeys(["networkId", "deviceTypeId"], plausible),
        **dict.fromkeys(["network", "deviceType", "user", "userId"], plausible | values),
        **dict.fromkeys(["token", "refreshToken", "login", "password"], plausible | values),
        **dict.fromkeys(["name", "namePattern", "networkName"], plausible | values),
        **dict.fromkeys(["command", "notification"], messages | plausible),
        **dict.fromkeys(["commandId", "notificationId", "subscriptionId"], plausible | values),
        **dict.fromkeys(["networkIds", "deviceTypeIds", "names"], values | st.lists(plausible)),
        **dict.fromkeys(["timestamp", "start", "end", "status", "type"], plausible | values),
        **dict.fromkeys(["sortField", "sortOrder", "take", "skip", "limit"], plausible),
    },
)
almost_json = st.text('{}[]",:0123456789.eE+-truefalsn\\/ \n', max_size=40)
broken_frames = st.builds(
    lambda frame, start, end, more: json.dumps(frame)[start:end] + more,
    frames,
    st.integers(0, 3),
    st.none() | st.integers(-3, -1) | st.integers(0, 40),
    st.just("") | almost_json,
)


@pytest.fixture
def answer_of(alice: User) -> Callable[[str], str]:
    """Answers a frame of an administrator and forgets what it did."""

    def answer(text: str) -> str:
        with transaction.atomic():
            answer = Connection(unlimited(alice)).text(text)
            transaction.set_rollback(True)
        return answer

    return answer


def exactly(text: str) -> Any:
    """JSON with its numbers as they are written."""

    def numeral(written: str) -> tuple[str]:
        return (written,)

    return json.loads(text, parse_int=numeral, parse_float=numeral)


def is_json_object(text: str) -> bool:
    """Whether the standard, unlike Python, calls `text` a JSON object of Unicode text."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        value = json.loads(text, parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except ValueError:
        return False
    return isinstance(value, dict)


def assert_well_formed(answer: dict[str, Any]) -> None:
    if answer["status"] == "success":
        assert answer.keys() >= {"action", "requestId", "status"}
    else:
        assert answer.keys() == {"action", "requestId", "status", "code", "error"}
        assert answer["code"] in (400, 401, 403, 404, 409)
        assert isinstance(answer["error"], str)


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frame=frames)
def test_any_object_has_a_well_formed_answer(
    answer_of: Callable[[str], str], frame: dict[str, Any]
) -> None:
    text = json.dumps(frame)
    answer = answer_of(text)
    assert_well_formed(json.loads(answer))
    for member in "action", "requestId":
        assert exactly(answer)[member] == exactly(text).get(member)


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=values)
def test_any_json_value_has_an_answer(answer_of: Callable[[str], str], value: Any) -> None:
    answer = json.loads(answer_of(json.dumps(value)))
    if isinstance(value, dict):
        assert_well_formed(answer)
    else:
        assert answer == MALFORMED


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40) | almost_json | broken_frames)
def test_any_text_has_an_answer(answer_of: Callable[[str], str], text: str) -> None:
    answer = json.loads(answer_of(text))
    if is_json_object(text):
        assert_well_formed(answer)
    else:
        assert answer == MALFORMED
