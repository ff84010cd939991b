"""alice, bob and charlie over HTTP."""

from collections.abc import Iterator

import pytest

from devicehive.protocol import bearer
from devices.models import User
from tests.handlers.conftest import group, kind  # noqa: F401  # fixtures
from tests.rest.client import Rest, rest


@pytest.fixture(autouse=True)
def _no_token_is_known() -> Iterator[None]:
    """Tests change users in ways that no service knows of."""
    bearer.forget()
    yield
    bearer.forget()


@pytest.fixture
def alice_rest(alice: User) -> Rest:
    return rest(alice)


@pytest.fixture
def bob_rest(bob: User) -> Rest:
    return rest(bob)


@pytest.fixture
def charlie_rest(charlie: User) -> Rest:
    return rest(charlie)


@pytest.fixture
def nobody(db: None) -> Rest:
    return Rest()
