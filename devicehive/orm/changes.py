"""Signals that are sent after a commit: which records were created, changed or deleted by whom.

They cost nothing while they have no receivers. Receivers run in a thread of their own, one after
the other, so they can neither break nor delay the requests whose changes they receive.
"""

import copy
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal

from devicehive.orm.connections import keeping_connection
from devicehive.protocol.actor import ACTOR
from devicehive.protocol.permissions import Principal

logger = logging.getLogger(__name__)

M = TypeVar("M", bound=Model)

TELLER = ThreadPoolExecutor(1, "signals")
MOST_CHANGES = 100_000
"""How many changes of a model may wait for slow receivers. Once more are waiting, further changes
are dropped and logged."""


class ChangeKind(Enum):
    CREATED = auto()
    CHANGED = auto()
    DELETED = auto()


@dataclass(frozen=True, slots=True)
class Change(Generic[M]):
    """A committed change of a record."""

    kind: ChangeKind
    record: M
    """The record as it was stored, or as it was before it was deleted."""
    by: Principal | None
    """Who made the change. None for a command that acts for nobody, and for other code outside of
    requests."""


class ChangeSignal(Signal, Generic[M]):
    """Sends `changes`, a list of Change in the order of their commits. `sender` is the model.

    All changes that are committed while receivers run are sent together, in the next list.
    """

    def __init__(self, model: type[M], *, but_for: Iterable[str] = ()) -> None:
        """Saves that update only fields in `but_for` are not sent."""
        super().__init__()
        self.but_for = frozenset(but_for)
        self.model = model
        self._lock = Lock()
        self._waiting: list[Change[M]] = []

    def connect(self, *args: Any, **kwargs: Any) -> None:
        super().connect(*args, **kwargs)
        # Only now: while these receivers are connected, Django loads each record that it deletes.
        post_save.connect(self._note_save, sender=self.model)
        post_delete.connect(self._note_delete, sender=self.model)

    def disconnect(self, *args: Any, **kwargs: Any) -> bool:
        disconnected = super().disconnect(*args, **kwargs)
        if not self.receivers:
            post_save.disconnect(self._note_save, sender=self.model)
            post_delete.disconnect(self._note_delete, sender=self.model)
        return disconnected

    def tell(self, changes: Sequence[Change[M]]) -> None:
        """Send changes after the commit. For changes that do not cause signals of the ORM."""
        transaction.on_commit(partial(self._queue, changes), robust=True)

    def tell_update(self, key: object) -> None:
        """Send the change of a record, given by its key, that `QuerySet.update` has changed."""
        if self.receivers:
            record = self.model._default_manager.get(pk=key)
            self.tell([Change(ChangeKind.CHANGED, record, ACTOR.get())])

    def _note_save(
        self,
        instance: M,
        *,
        created: bool,
        raw: bool,
        update_fields: frozenset[str] | None,
        **kwargs: Any,
    ) -> None:
        if not raw and (update_fields is None or not update_fields <= self.but_for):
            self._note(ChangeKind.CREATED if created else ChangeKind.CHANGED, instance)

    def _note_delete(self, instance: M, **kwargs: Any) -> None:
        self._note(ChangeKind.DELETED, instance)

    def _note(self, kind: ChangeKind, instance: M) -> None:
        # A copy, because the instance may change: Django removes the key of a deleted one.
        self.tell([Change(kind, copy.copy(instance), ACTOR.get())])

    def _queue(self, changes: Sequence[Change[M]]) -> None:
        with self._lock:
            if len(self._waiting) > MOST_CHANGES:
                logger.error("%d changes were dropped: signal receivers are too slow", len(changes))
                return
            self._waiting.extend(changes)
        TELLER.submit(self._send)

    def _send(self) -> None:
        with self._lock:
            changes, self._waiting = self._waiting, []
        if not changes:
            return  # An earlier call has sent them.
        keeping_connection(self._send_robust, changes)

    def _send_robust(self, changes: Sequence[Change[M]]) -> None:
        self.send_robust(sender=self.model, changes=changes)
