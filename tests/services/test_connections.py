"""What a thread's own connection to the database leaves behind."""

import gc
from collections.abc import Callable, Iterator, Sequence
from weakref import ref

import pytest
from django.db import DatabaseError, connection

from devicehive.orm.connections import keeping_connection
from devicehive.orm.transactions import commit_together
from devicehive.protocol.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)

Cursors = list["ref[object]"]


@pytest.fixture
def nothing_collected() -> Iterator[None]:
    """What is in a circle stays."""
    gc.disable()
    yield
    gc.enable()


def failing(cursors: Cursors) -> Callable[..., None]:
    def fail(*requests: object) -> None:
        cursor = connection.cursor()
        cursors.append(ref(cursor))
        cursor.execute("INSERT INTO devices_network (id) VALUES (NULL)")

    return fail


@pytest.mark.usefixtures("nothing_collected")
def test_the_cursor_of_a_failed_statement_is_freed_in_its_own_thread() -> None:
    """The event loop, where garbage is collected as well, would wait for SQLite's lock with it."""
    cursors: Cursors = []
    with pytest.raises(DatabaseError):
        keeping_connection(failing(cursors))
    assert [cursor() for cursor in cursors] == [None]


@pytest.mark.usefixtures("nothing_collected")
def test_so_are_those_of_a_batch_that_conflicts() -> None:
    cursors: Cursors = []
    fail = failing(cursors)

    def write(requests: Sequence[str]) -> list[Refused | None]:
        fail()
        return [None for _ in requests]

    results = commit_together(write, ["first", "second"])
    assert [type(result) for result in results] == [Refused, Refused]
    assert [cursor() for cursor in cursors] == [None] * 3
