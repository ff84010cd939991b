"""token/create, where what its caller was looked up to be has ended meanwhile (2.10, R-44)."""

import pytest

from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devices.models import User
from devices.services import revocation, standing, token_creation, tokens
from devices.services.token_checks import verify_refresh
from devices.services.tokens import Scope
from tests.factories import make_user

pytestmark = pytest.mark.django_db

NOTHING = Scope((1,), (), ())


@pytest.fixture
def bob() -> User:
    return make_user("bob")


@pytest.fixture
def as_bob(bob: User) -> Principal:
    """What was looked up when his token was still good."""
    pair = tokens.issue(bob, tokens.scope_of(bob))
    return standing.principal_of(*verify_refresh(pair.refresh))


def test_tokens_that_end_while_others_are_made_of_them(as_bob: Principal, bob: User) -> None:
    revocation.end_tokens(bob.pk)
    with pytest.raises(Refused) as raised:
        token_creation.create(as_bob, bob.pk, NOTHING, expiration=None, refresh_expiration=None)
    assert raised.value.refusal is ProtocolRefusal.TOKEN_EXPIRED
