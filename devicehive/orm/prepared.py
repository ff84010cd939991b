"""Statements that a connection to PostgreSQL has prepared, and so plans once, on one way there and
back.

To plan those of a lone save takes PostgreSQL as long as everything else that it does for it. They
go by libpq's pipeline: that of psycopg has a cursor and queues for each, at several times the cost.
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
"""Of one statement: one, or more where a stream was read just before, as libpq then goes on to hand
out rows by hundreds."""

_BEGIN = Statement("BEGIN", [])
_COMMIT = Statement("COMMIT", [])
_PLANNED_ONCE = Statement(
    # For any values, or they would be planned for those of each time.
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), "
    # All are by key. Planned while a table has ten rows, one would read all of it for as long as
    # nobody has told PostgreSQL that it has grown to a million.
    "set_config('enable_seqscan', 'off', true)",
    [],
)
"""True until the transaction ends."""


class Prepared:
    """Those of one connection, by their text. Belongs to the connection's thread."""

    def __init__(self, adapters: AdaptContext) -> None:
        self._names: dict[str, bytes] = {}
        self._numbers = count()
        self._rows = Transformer(adapters)

    def executed(self, statement: Statement) -> str:
        """What was executed, as SQL."""
        name = self._names[statement.sql].decode()
        return f"EXECUTE {name}({', '.join(map(sql.quote, statement.values))})"

    def execute(
        self, opened: OpenConnection, statements: Sequence[Statement], *, commits: bool = False
    ) -> list[Rows]:
        """The rows of each statement. What follows one that fails is not done. If they are the
        first of a transaction, it begins with them. Raises psycopg.Error."""
        is_first = opened.pgconn.transaction_status == TransactionStatus.IDLE
        before = [_PLANNED_ONCE] if is_first else []
        if is_first and not opened.autocommit:
            before.insert(0, _BEGIN)
        try:
            results = self._run(opened, [*before, *statements, *([_COMMIT] if commits else [])])
        except psycopg.NotSupportedError:
            # A migration has changed the type of a column that one of them returns.
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
        """By the text, so that none ever means another, even behind something that gives processes
        each other's connections. And never again: whether one that has failed is taken, nobody
        knows."""
        return f"s{sha256(text.encode()).hexdigest()[:16]}_{next(self._numbers)}".encode()


def _exchange(opened: OpenConnection, sent: Sequence[Callable[[PGconn], object]]) -> list[Results]:
    """One way there and back. Raises psycopg.Error, for the first that fails."""
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
            # That the connection has ended says less than what PostgreSQL gave as a reason.
            if not any(map(_has_failed, chain(*results))):
                raise
    for result in filter(_has_failed, chain(*results)):
        raise error_from_result(result)
    return results


def _has_failed(result: PGresult) -> bool:
    return result.status == ExecStatus.FATAL_ERROR


def _read(pgconn: PGconn, results: list[Results]) -> Generator[Wait, Ready | int, None]:
    """Send what waits and read the results, until the end of the pipeline."""
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()  # Or neither side could send, as neither reads.
    while True:
        while pgconn.is_busy():
            yield Wait.R
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:  # The end of one statement's.
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
        # libpq would take what is before it for all of it.
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return text


def _numbered(text: str) -> bytes:
    """With $1, $2 and so on as PostgreSQL has placeholders, for %s as drivers have them."""
    numbers = count(1)
    return re.sub(
        "%[s%]", lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", text
    ).encode()


_of: WeakKeyDictionary[OpenConnection, Prepared] = WeakKeyDictionary()


def prepared(opened: OpenConnection) -> Prepared:
    return _of.get(opened) or _of.setdefault(opened, Prepared(opened.adapters))
