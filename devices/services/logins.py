"""Log-ins with a password: counted, remembered and hashed in turn (protocol, 2.8 and R-46)."""

import asyncio
import logging
import math
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password, verify_password

from devicehive.log.lines import beside
from devicehive.protocol.actions import Caller, Runs
from devicehive.protocol.refusals import LaterRefusal, ProtocolRefusal
from devicehive.serving import database
from devicehive.serving.addresses import address_at
from devicehive.serving.hashing import Turn, hashing
from devices.models import User
from devices.refusals import UserRefusal
from devices.services import accounts, last_logins, tokens, user_rules, users
from devices.services.accounts import Account
from devices.services.attempts import attempts
from devices.services.known_passwords import known_passwords
from devices.services.tokens import TokenPair

logger = logging.getLogger(__name__)

FAILED = "log-in failed"


async def log_in(caller: Caller, login: str, password: str) -> TokenPair:
    """Tokens for a login and password (2.8). Raises Refused."""
    attempt = Attempt(login, password, caller.address)
    attempt.check()
    is_admitted = await database.batch_queue(recall_many, writes=False).submit(attempt)
    while not is_admitted:
        await asyncio.wrap_future(attempt.queue(caller.has_left))
        is_admitted = await database.run_request(Runs.DATABASE, conclude, attempt)
    account, user = attempt.account, attempt.user
    logger.info("logged in", extra=beside(user=user.pk, login=user.login))
    return tokens.issue(user, tokens.scope_within(user, account.networks, account.device_types))


async def hash_password(caller: Caller, password: str | None) -> str | None:
    """A new password, hashed when it is the turn of its user; None for what no user may have, which
    the service refuses. Raises Refused if too many wait."""
    if not user_rules.PASSWORD_PATTERN.fullmatch(password or ""):
        return None
    turn = Turn(f"user {caller.identity.user_id}", "")
    hashed = hashing.submit(turn, partial(make_password, password), has_left=caller.has_left)
    return await asyncio.wrap_future(hashed)


def admit(login: str, password: str, address: str, has_left: Callable[[], bool]) -> User:
    """The user of a login and password, for callers in a thread. Raises Refused."""
    attempt = Attempt(login, password, address)
    attempt.check()
    attempt.account = accounts.look_up(login)
    is_admitted = attempt.is_known()
    while not is_admitted:
        attempt.queue(has_left).result()
        is_admitted = attempt.conclude()
    user = attempt.user
    last_logins.record(user)
    logger.info("logged in", extra=beside(user=user.pk, login=user.login))
    return user


def recall_many(requests: "Sequence[Attempt]") -> list[bool]:
    """Look up who logs in, and whose password was found right just now."""
    for attempt, account in zip(
        requests, accounts.look_up_many([each.login for each in requests]), strict=True
    ):
        attempt.account = account
    recalled = [attempt.is_known() for attempt in requests]
    last_logins.record_later(
        attempt.user for attempt, is_known in zip(requests, recalled, strict=True) if is_known
    )
    return recalled


def conclude(attempt: "Attempt") -> bool:
    """Whether a user is admitted whose password was hashed. Raises Refused."""
    is_admitted = attempt.conclude()
    if is_admitted:
        last_logins.record_later([attempt.user])
    return is_admitted


class Attempt:
    """One log-in: looked up and concluded in threads of the database, hashed in one that hashes."""

    def __init__(self, login: str, password: str, address: str) -> None:
        self.login = login
        self.password = password
        self.address = address_at(address)
        self.account: Account
        self.is_right = False
        self.renewed: str | None = None
        """The password hashed as passwords are hashed now, if it was hashed otherwise."""

    @property
    def user(self) -> User:
        """Who logs in, once nothing is against it."""
        assert self.account.user is not None
        return self.account.user

    def check(self) -> None:
        """Refuse a try of this login from this address while it has to wait. Raises Refused."""
        if settings.COMPATIBLE_MODE:
            return
        seconds = attempts.seconds_to_wait(self.login, self.address)
        if seconds:
            refused = LaterRefusal.TOO_MANY_ATTEMPTS.after(math.ceil(seconds))
            raise refused.because("locked out", seconds=refused.retry_after)

    def is_known(self) -> bool:
        """Whether the password was found right just now, for a user who has not changed."""
        user = self.account.user
        if user is None or not user.is_active:
            return False
        if not known_passwords.has(user.pk, self.password, user.password):
            return False
        attempts.succeed(self.login, self.address)
        return True

    def queue(self, has_left: Callable[[], bool]) -> "Future[None]":
        """Have the password hashed when it is its turn, also when it cannot be right: nobody is to
        tell by the time whether a login exists. Raises Refused if too many wait."""
        # Those who come from one address share its turns, unless it is known to be that of many.
        origin = f"{self.address.key} {self.login}" if self.address.trusted else self.address.key
        return hashing.submit(Turn(origin, self.login), self._verify, has_left=has_left)

    def _verify(self) -> None:
        # What was before in the same turn may have answered this.
        self.check()
        self.is_right = self.is_known()
        if self.is_right:
            return
        user = self.account.user
        stored = user.password if user else UNUSABLE_PASSWORD_PREFIX  # Hashed as long, in vain.
        is_right, is_outdated = verify_password(self.password, stored)
        if user is None or not user.is_active or not is_right:
            attempts.fail(
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
        """Whether the user is admitted; not if the password was changed meanwhile, and is to be
        hashed once more. Raises Refused."""
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
        attempts.succeed(self.login, self.address)
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
        """Store the new hash, unless what it was made for has gone."""
        before, user.password, self.renewed = user.password, renewed, None
        if not User.objects.filter(pk=user.pk, password=before).update(password=renewed):
            return False
        known_passwords.remember(user.pk, self.password, renewed)
        return True
