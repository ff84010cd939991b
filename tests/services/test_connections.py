"""What a thread's own connection to the database leaves behind."""

import errno
import gc
import os
from collections.abc import Callable, Iterator
from typing import NoReturn
from weakref import ref

import pytest
from django.db import DatabaseError, OperationalError, connection

from devicehive.orm.connections import keeping_connection
from devicehive.orm.failures import refusal_of
from devicehive.orm.transactions import commit_together
from devicehive.protocol.refusals import Refused

pytestmark = pytest.mark.django_db(transaction=True)

Cursors = list["ref[object]"]


@pytest.fixture
def nothing_collected() -> Iterator[None]:
    """Turn off the garbage collector, so that reference cycles are not freed."""
    gc.disable()
    yield
    gc.enable()


def failing(cursors: Cursors) -> Callable[..., NoReturn]:
    def fail(*requests: object) -> NoReturn:
        cursor = connection.cursor()
        cursors.append(ref(cursor))
        cursor.execute("INSERT INTO devices_network (id) VALUES (NULL)")
        raise AssertionError("it has been inserted")

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

    results = commit_together(fail, ["first", "second"])
    assert [type(result) for result in results] == [Refused, Refused]
    assert [cursor() for cursor in cursors] == [None] * 3


def test_without_a_descriptor_for_a_connection_the_database_is_away() -> None:
    """Periodic work then goes on when there is a descriptor, and requests get 503."""

    def connect() -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with pytest.raises(OperationalError, match="Too many open files") as failed:
        keeping_connection(connect)
    refused = refusal_of(failed.value)
    assert isinstance(refused, Refused)
    assert refused.code == 503


def test_any_other_error_of_the_system_is_what_it_is() -> None:
    def read() -> None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    with pytest.raises(FileNotFoundError):
        keeping_connection(read)
