"""manage.py unlockuser."""

from devices.models import User
from tests.commands import run, run_refused


def test_a_user_who_was_locked_out(bob: User) -> None:
    User.objects.update(status=User.Status.LOCKED_OUT, login_attempts=2)
    assert run("unlockuser", "bob") == "bob can log in.\n"
    bob.refresh_from_db()
    assert (bob.status, bob.login_attempts) == (User.Status.ACTIVE, 0)


def test_a_disabled_user_stays_disabled(bob: User) -> None:
    User.objects.update(status=User.Status.DISABLED)
    reason = "bob is not locked out but disabled; see the admin"
    assert run_refused("unlockuser", "bob") == ("", reason)
    assert not User.objects.get().is_active


def test_an_unknown_user_is_refused(db: None) -> None:
    assert run_refused("unlockuser", "dora") == ("", "there is no user with the login dora")
