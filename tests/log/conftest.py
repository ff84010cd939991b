from collections.abc import Iterator

import pytest

from devicehive.log.visitors import VISITOR


@pytest.fixture(autouse=True)
def _nobody_is_there() -> Iterator[None]:
    """What a test sets would be seen by the next, which runs in the same thread."""
    token = VISITOR.set(None)
    yield
    VISITOR.reset(token)
