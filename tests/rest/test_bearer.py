"""A token is looked up once a second (devicehive/protocol/bearer.py)."""

import asyncio
from typing import Any

import pytest

from devicehive.protocol import bearer
from devicehive.protocol.refusals import Refused
from devices.models import User
from devices.services import tokens
from tests import threads


def token_of(user: User) -> str:
    return tokens.issue(user, tokens.scope_of(user)).access


def lock(user: User) -> None:
    """In a way that this process is not told of, as another process does it."""
    User.objects.filter(pk=user.pk).update(status=User.Status.LOCKED_OUT)


def test_what_another_process_took_away_is_gone_in_a_second(
    bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, clock = token_of(bob), [100.0]
    monkeypatch.setattr(bearer, "monotonic", lambda: clock[0])
    assert threads.run(bearer.find_principal(token)).user_id == bob.pk
    lock(bob)
    clock[0] += 0.999
    assert threads.run(bearer.find_principal(token)).user_id == bob.pk
    clock[0] += 0.001
    with pytest.raises(Refused, match="Unauthorized"):
        threads.run(bearer.find_principal(token))


def test_requests_at_once_wait_for_one_look(bob: User, django_assert_max_num_queries: Any) -> None:
    token = token_of(bob)

    async def all_at_once() -> list[int]:
        found = await asyncio.gather(*(bearer.find_principal(token) for _ in range(20)))
        return [principal.user_id for principal in found]

    with django_assert_max_num_queries(2):  # One look is two statements on SQLite.
        assert threads.run(all_at_once()) == [bob.pk] * 20


def test_what_is_refused_is_not_kept(bob: User) -> None:
    token = token_of(bob)
    lock(bob)
    with pytest.raises(Refused, match="Unauthorized"):
        threads.run(bearer.find_principal(token))
    User.objects.filter(pk=bob.pk).update(status=User.Status.ACTIVE)
    assert threads.run(bearer.find_principal(token)).user_id == bob.pk


def test_a_bounded_number_is_kept(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearer, "MOST_KEPT", 3)
    for number in range(5):
        scope = tokens.Scope((3,), (str(number),), None)
        threads.run(bearer.find_principal(tokens.issue(bob, scope).access))
    assert len(bearer._kept) == 3
