"""Executes prepared statements on PostgreSQL, several in one round trip.

A prepared statement is planned only once; planning the statements of a lone save takes PostgreSQL
as long as all the rest of the save. Statements are sent by libpq's pipeline directly: psycopg's
pipeline has a cursor and queues for each statement, at several times the cost.
"""

import re
from collections.abc import Callable, Generator, Sequence
from hashlib import sha256
from itertools import chain, count
from operator import methodcaller
from weakref import WeakKeyDictionary

import psycopg
from psycopg import sql
from psycopg.abc import AdaptContext
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import TupleRow
from psycopg.waiting import Ready, Wait

from devicehive.orm.dialects import Rows, Statement

OpenConnection = psycopg.Connection[TupleRow]
Results = list[PGresult]
"""The results of one statement: one, or several if a stream was read just before, because libpq
then still returns rows by hundreds."""

_BEGIN = Statement("BEGIN", [])
_COMMIT = Statement("COMMIT", [])
_PLANNED_ONCE = Statement(
    # One plan for any values; otherwise PostgreSQL plans again for the values of each execution.
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), "
    # All statements look rows up by key. One that is planned while a table has ten rows would scan
    # it, and go on doing so until PostgreSQL learns that the table has grown to a million rows.
    "set_config('enable_seqscan', 'off', true)",
    [],
)
"""Both settings last until the transaction ends."""


class Prepared:
    """The prepared statements of one connection. It is used only in the connection's thread."""

    def __init__(self, adapters: AdaptContext) -> None:
        self._names: dict[str, bytes] = {}
        self._numbers = count()
        self._rows = Transformer(adapters)

    def executed(self, statement: Statement) -> str:
        """The SQL of an executed statement, for Django's log of queries."""
        name = self._names[statement.sql].decode()
        return f"EXECUTE {name}({', '.join(map(sql.quote, statement.values))})"

    def execute(
        self, opened: OpenConnection, statements: Sequence[Statement], *, commits: bool = False
    ) -> list[Rows]:
        """Execute statements in one round trip and return the rows of each. Statements after one
        that fails are not executed. If no transaction is open, one is begun first, unless the
        connection is in autocommit mode. Raises psycopg.Error."""
        is_first = opened.pgconn.transaction_status == TransactionStatus.IDLE
        before = [_PLANNED_ONCE] if is_first else []
        if is_first and not opened.autocommit:
            before.insert(0, _BEGIN)
        try:
            results = self._run(opened, [*before, *statements, *([_COMMIT] if commits else [])])
        except psycopg.NotSupportedError:
            # A migration has changed the type of a column that one of the statements returns.
            self._names = {}
            raise
        return [*map(self._rows_of, results[len(before) :][: len(statements)])]

    def _run(self, opened: OpenConnection, statements: Sequence[Statement]) -> list[Results]:
        new = {text: self._new_name(text) for text, _ in statements if text not in self._names}
        if new:
            texts = [(name, _numbered(text)) for text, name in new.items()]
            _exchange(opened, [methodcaller("send_prepare", *each) for each in texts])
            self._names |= new
        filled = [(self._names[text], [*map(_as_text, values)]) for text, values in statements]
        return _exchange(opened, [methodcaller("send_query_prepared", *each) for each in filled])

    def _rows_of(self, results: Results) -> Rows:
        rows: Rows = []
        for result in results:
            self._rows.set_pgresult(result)
            rows += self._rows.load_rows(0, result.ntuples, tuple)
        return rows

    def _new_name(self, text: str) -> bytes:
        """A name with a hash of the text, so that a name never stands for another statement, even
        behind a pooler that shares connections between processes. No name is used twice, because
        after an error it is not known whether the name is taken."""
        return f"s{sha256(text.encode()).hexdigest()[:16]}_{next(self._numbers)}".encode()


def _exchange(opened: OpenConnection, sent: Sequence[Callable[[PGconn], object]]) -> list[Results]:
    """Send in one round trip, and return the results of each. Raises psycopg.Error for the first
    one that fails."""
    pgconn = opened.pgconn
    results: list[Results] = [[]]
    with opened.lock:
        pgconn.enter_pipeline_mode()
        for send in sent:
            send(pgconn)
        pgconn.pipeline_sync()
        try:
            opened.wait(_read(pgconn, results))
            pgconn.exit_pipeline_mode()
        except psycopg.OperationalError:
            # If PostgreSQL has given a reason for ending the connection, raise that one below.
            if not any(map(_has_failed, chain(*results))):
                raise
    for result in filter(_has_failed, chain(*results)):
        raise error_from_result(result)
    return results


def _has_failed(result: PGresult) -> bool:
    return result.status == ExecStatus.FATAL_ERROR


def _read(pgconn: PGconn, results: list[Results]) -> Generator[Wait, Ready | int, None]:
    """Send what is buffered and read the results, until the end of the pipeline."""
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()  # Otherwise both sides could block, as neither reads.
    while True:
        while pgconn.is_busy():
            yield Wait.R
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:  # The end of one statement's results.
            if pgconn.status == ConnStatus.BAD:
                raise psycopg.OperationalError("the connection is lost")
            results.append([])
        elif result.status == ExecStatus.PIPELINE_SYNC:
            return
        else:
            results[-1].append(result)


def _as_text(value: object) -> bytes | None:
    if value is None:
        return None
    text = str(value).encode()
    if b"\0" in text:
        # libpq would cut the text off at the NUL.
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return text


def _numbered(text: str) -> bytes:
    """The statement with PostgreSQL's placeholders $1, $2 and so on, in place of %s."""
    numbers = count(1)
    return re.sub(
        "%[s%]", lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", text
    ).encode()


_of: WeakKeyDictionary[OpenConnection, Prepared] = WeakKeyDictionary()


def prepared(opened: OpenConnection) -> Prepared:
    """The prepared statements of a connection."""
    return _of.get(opened) or _of.setdefault(opened, Prepared(opened.adapters))
