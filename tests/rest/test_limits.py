"""What one token and one address may ask, and how much a process takes at once."""

from typing import Any

import msgspec
import pytest
from django.db import OperationalError

from devicehive.protocol import bearer, pace, rest
from devicehive.protocol.failures import refuse_failure
from devicehive.protocol.http_messages import Answer
from devicehive.protocol.refusals import LaterRefusal, Refused
from devicehive.serving.addresses import Address
from devicehive.serving.capacity import Capacity
from devices.models import User
from tests.rest.client import Rest
from tests.rest.client import rest as as_user

BUSY = {"error": 503, "message": "Service is temporarily unavailable"}


def test_too_many_requests_with_one_token_are_told_when_to_come_again(
    bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(pace, "monotonic", lambda: clock[0])
    settings.MESSAGES_PER_SECOND = 3
    client, other = as_user(bob), as_user(bob)
    assert [client.get("device/count")[0] for _ in range(3)] == [200, 200, 200]
    refused = client.send("GET", "device/count")
    assert refused.status == 429
    assert refused.content == {"error": 429, "message": "Too many messages"}
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["access-control-allow-origin"] == "*"
    assert other.get("device/count")[0] == 200
    clock[0] += int(refused.headers["retry-after"])
    assert client.get("device/count")[0] == 200


def test_a_token_that_is_none_is_not_counted(nobody: Rest, settings: Any) -> None:
    settings.MESSAGES_PER_SECOND = 1
    statuses = [Rest("none").get("device/count")[0] for _ in range(3)]
    assert statuses == [401, 401, 401]
    assert [nobody.get("info")[0] for _ in range(3)] == [200, 200, 200]


def test_a_bounded_number_of_tokens_is_counted(
    bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MESSAGES_PER_SECOND = 1
    monkeypatch.setattr(bearer, "MOST_KEPT", 3)
    bearer._paces.clear()
    for number in range(5):
        bearer.check_pace(str(number))
    assert list(bearer._paces) == ["2", "3", "4"]


def test_when_all_places_are_taken_a_request_is_told_to_come_again(
    bob_rest: Rest, nobody: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest.in_flight, "most", 0)
    for client in bob_rest, nobody:
        busy = client.send("GET", "device")
        assert (busy.status, busy.content) == (503, BUSY)
        assert busy.headers["retry-after"] == "1"
    assert bob_rest.get("nothing")[0] == 404


def test_while_the_database_is_away_requests_are_told_to_come_again() -> None:
    answer = Answer.refuse(refuse_failure(OperationalError("no connection")))
    assert (answer.status, msgspec.json.decode(answer.body)) == (503, BUSY)
    assert dict(answer.headers)[b"retry-after"] == b"1"


def test_polls_have_places_of_their_own(bob_rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest.in_flight, "most", 0)
    assert bob_rest.get("device/command/poll", waitTimeout=0) == (200, [])


def test_a_place_is_given_back_whatever_happens(bob_rest: Rest) -> None:
    for path in "device", "device/unknown", "network/x":
        bob_rest.get(path)
    assert rest.in_flight.taken == 0
    assert not rest.in_flight.taken_by


def test_nobody_takes_all_places() -> None:
    places, one, other = Capacity(4, 2), Address("1", trusted=False), Address("2", trusted=False)
    with places.hold(one), places.hold(one):
        assert refusal_of(places, one) is LaterRefusal.TOO_MANY_REQUESTS
        with places.hold(other), places.hold(other):
            assert refusal_of(places, Address("3", trusted=False)) is LaterRefusal.UNAVAILABLE
    with places.hold(one):
        pass


def test_who_is_trusted_may_take_all_places() -> None:
    places, broker = Capacity(3, 1), Address("1", trusted=True)
    with places.hold(broker), places.hold(broker), places.hold(broker):
        assert refusal_of(places, broker) is LaterRefusal.UNAVAILABLE


def refusal_of(places: Capacity, address: Address) -> object:
    with pytest.raises(Refused) as caught, places.hold(address):
        pass
    return caught.value.refusal
