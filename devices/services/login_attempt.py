"""One log-in with a password, from the look-up of the user to the result (protocol, 2.8)."""

import math
from collections.abc import Callable
from concurrent.futures import Future

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password, verify_password

from devicehive.protocol.refusals import LaterRefusal, ProtocolRefusal
from devicehive.serving.addresses import address_at
from devicehive.serving.hashing import Turn, hashing
from devices.models import User
from devices.refusals import UserRefusal
from devices.services import accounts, users
from devices.services.accounts import Account
from devices.services.known_passwords import known_passwords
from devices.services.login_failures import login_failures

FAILED = "log-in failed"


class Attempt:
    """One log-in. It is looked up and concluded in database threads, and hashed in a hashing
    thread."""

    def __init__(self, login: str, password: str, address: str) -> None:
        self.login = login
        self.password = password
        self.address = address_at(address)
        self.account: Account
        self.is_right = False
        self.renewed: str | None = None
        """The password's new hash, if the stored one was made with outdated parameters."""

    @property
    def user(self) -> User:
        """The user who logs in, once all checks have passed."""
        assert self.account.user is not None
        return self.account.user

    def check(self) -> None:
        """Raises Refused while this login has to wait at this address."""
        if settings.COMPATIBLE_MODE:
            return
        seconds = login_failures.seconds_to_wait(self.login, self.address)
        if seconds:
            refused = LaterRefusal.TOO_MANY_ATTEMPTS.after(math.ceil(seconds))
            raise refused.because("locked out", seconds=refused.retry_after)

    def is_known(self) -> bool:
        """Whether this password was verified recently, and the user has not changed since."""
        user = self.account.user
        if user is None or not user.is_active:
            return False
        if not known_passwords.has(user.pk, self.password, user.password):
            return False
        login_failures.succeed(self.login, self.address)
        return True

    def queue(self, has_left: Callable[[], bool]) -> "Future[None]":
        """Queue the password for hashing, even if there is no such user: the time must not reveal
        whether a login exists. Raises Refused if too many wait."""
        # Logins at one address share its turns, unless the address is trusted, as of a gateway.
        origin = f"{self.address.key} {self.login}" if self.address.trusted else self.address.key
        return hashing.submit(Turn(origin, self.login), self._verify, has_left=has_left)

    def _verify(self) -> None:
        # An earlier try in the same turn may have caused a wait, or verified this password.
        self.check()
        self.is_right = self.is_known()
        if self.is_right:
            return
        user = self.account.user
        # Without a user, hashing takes as long, and never matches.
        stored = user.password if user else UNUSABLE_PASSWORD_PREFIX
        is_right, is_outdated = verify_password(self.password, stored)
        if user is None or not user.is_active or not is_right:
            login_failures.fail(
                self.login,
                self.address,
                free=self.account.free_attempts,
                user_id=None if user is None else user.pk,
            )
            return
        self.is_right = True
        self.renewed = make_password(self.password) if is_outdated else None
        known_passwords.remember(user.pk, self.password, stored)

    def conclude(self) -> bool:
        """Whether the user is logged in. False means that the password was changed meanwhile and
        has to be hashed once more. Raises Refused."""
        before = self._judged()
        if not self.is_right:
            if settings.COMPATIBLE_MODE:
                users.count_failure(before, free=self.account.free_attempts)
            raise ProtocolRefusal.INVALID_CREDENTIALS().because(FAILED, user=before.pk)
        self.account = accounts.look_up(self.login)
        user = self._judged()
        if (user.pk, user.password) != (before.pk, before.password):
            return False
        if self.renewed is not None and not self._renew(user, self.renewed):
            return False
        login_failures.succeed(self.login, self.address)
        return True

    def _judged(self) -> User:
        """The user, who is active. Raises Refused."""
        user = self.account.user
        if user is None:
            # Not which login: some people type their password there.
            raise UserRefusal.LOGIN_NOT_FOUND(self.login).because(FAILED)
        if not user.is_active:
            raise UserRefusal.NOT_ACTIVE().because(FAILED, user=user.pk)
        return user

    def _renew(self, user: User, renewed: str) -> bool:
        """Store the new hash, unless the stored one has changed meanwhile."""
        before, user.password, self.renewed = user.password, renewed, None
        if not User.objects.filter(pk=user.pk, password=before).update(password=renewed):
            return False
        known_passwords.remember(user.pk, self.password, renewed)
        return True
