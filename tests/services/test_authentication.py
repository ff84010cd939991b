"""Many who authenticate at once (devices/services/authentication.py)."""

from django.utils import timezone

from devicehive.protocol.actions import Caller
from devicehive.protocol.refusals import Refused
from devices.models import User
from devices.services import authentication, configuration, last_logins, revocation, tokens
from devices.services.authentication import Authentication
from tests.conftest import Connection
from tests.factories import make_user


def asked(user: User) -> Authentication:
    return Authentication.of(Caller(), tokens.issue(user, tokens.scope_of(user)).access)


def told(result: Refused | None) -> str | None:
    return None if result is None else result.text


def test_each_of_a_batch_is_judged_by_its_own_user(bob: User, charlie: User) -> None:
    locked, gone, ended = map(make_user, ("locked", "gone", "ended"))
    requests = [asked(user) for user in (bob, locked, gone, ended, charlie, bob)]
    User.objects.filter(pk=locked.pk).update(status=User.Status.LOCKED_OUT)
    gone.delete()
    revocation.end_tokens(ended.pk)
    results = authentication.authenticate_many(requests)
    assert [told(result) for result in results] == [
        None,
        "Invalid credentials",
        "Invalid credentials",
        "Token expired",
        None,
        None,
    ]
    assert [each.caller.principal and each.caller.principal.user_id for each in requests] == [
        bob.pk,
        None,
        None,
        None,
        charlie.pk,
        bob.pk,
    ]


def test_what_comes_with_every_request_is_no_log_in(bob: User) -> None:
    request = asked(bob)
    assert authentication.identify_many([request]) == [None]
    assert request.caller.identity.user_id == bob.pk
    bob.refresh_from_db()
    assert bob.last_login is None


def test_a_log_in_is_seen_by_who_asks_next(as_bob: Connection, bob: User) -> None:
    shown = as_bob.ask("user/getCurrent")["current"]["lastLogin"]
    assert shown is not None


def test_the_log_in_of_who_was_noted_just_now_is_not_written(bob: User, charlie: User) -> None:
    configuration.put("user.login.lastTimeout", "3600000")
    before = timezone.now()
    User.objects.filter(pk=bob.pk).update(last_login=before)
    for user in User.objects.filter(pk__in=[bob.pk, charlie.pk]):
        last_logins.record(user)
    bob.refresh_from_db()
    charlie.refresh_from_db()
    assert bob.last_login == before
    assert charlie.last_login is not None
    assert charlie.last_login > before


def test_a_log_in_forgets_failures_however_recent_it_is(bob: User) -> None:
    configuration.put("user.login.lastTimeout", "3600000")
    User.objects.filter(pk=bob.pk).update(last_login=timezone.now(), login_attempts=3)
    bob.refresh_from_db()
    last_logins.record(bob)
    bob.refresh_from_db()
    assert bob.login_attempts == 0
