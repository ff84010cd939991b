"""Log-ins with a password: counted, remembered and hashed in turn (protocol, 2.8 and R-46)."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial

from django.contrib.auth.hashers import make_password

from devicehive.log.lines import beside
from devicehive.protocol.actions import Caller, Runs
from devicehive.serving import database
from devicehive.serving.hashing import Turn, hashing
from devices.models import User
from devices.services import accounts, last_logins, tokens, user_rules
from devices.services.login_attempt import Attempt
from devices.services.tokens import TokenPair

logger = logging.getLogger(__name__)


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
    """The hash of a new password, made when it is the user's turn. None for a password that is not
    allowed, which the service refuses later. Raises Refused if too many wait."""
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


def recall_many(requests: Sequence[Attempt]) -> list[bool]:
    """Look up the users who log in; True for each whose password was verified recently."""
    for attempt, account in zip(
        requests, accounts.look_up_many([each.login for each in requests]), strict=True
    ):
        attempt.account = account
    recalled = [attempt.is_known() for attempt in requests]
    last_logins.record_later(
        attempt.user for attempt, is_known in zip(requests, recalled, strict=True) if is_known
    )
    return recalled


def conclude(attempt: Attempt) -> bool:
    """Whether the user is logged in, after the password was hashed. Raises Refused."""
    is_admitted = attempt.conclude()
    if is_admitted:
        last_logins.record_later([attempt.user])
    return is_admitted
