"""Signals after the commit: what was created, changed and deleted, and by whom.

They cost nothing while nobody listens. Receivers run in a thread of their own, one after the other:
they can neither break nor delay what they are told of.
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
"""Changes of a model that may wait for slow receivers. Those of one batch more are not told, which
the log says."""


class ChangeKind(Enum):
    CREATED = auto()
    CHANGED = auto()
    DELETED = auto()


@dataclass(frozen=True, slots=True)
class Change(Generic[M]):
    """What became of a record, committed by now."""

    kind: ChangeKind
    record: M
    """As it was stored, or as it was before it was deleted."""
    by: Principal | None
    """None for a command that acts for nobody, and for code of one's own."""


class ChangeSignal(Signal, Generic[M]):
    """Sends `changes`, a list of Change in the order of their commits, with `sender` the model.

    What is committed while receivers run comes together in the next list.
    """

    def __init__(self, model: type[M], *, but_for: Iterable[str] = ()) -> None:
        """A save of nothing but the fields `but_for` is no change."""
        super().__init__()
        self.but_for = frozenset(but_for)
        self.model = model
        self._lock = Lock()
        self._waiting: list[Change[M]] = []

    def connect(self, *args: Any, **kwargs: Any) -> None:
        super().connect(*args, **kwargs)
        # Not before: with these, Django loads each record that it deletes.
        post_save.connect(self._note_save, sender=self.model)
        post_delete.connect(self._note_delete, sender=self.model)

    def disconnect(self, *args: Any, **kwargs: Any) -> bool:
        disconnected = super().disconnect(*args, **kwargs)
        if not self.receivers:
            post_save.disconnect(self._note_save, sender=self.model)
            post_delete.disconnect(self._note_delete, sender=self.model)
        return disconnected

    def tell(self, changes: Sequence[Change[M]]) -> None:
        """Send these after the commit. For what the ORM's own signals do not see."""
        transaction.on_commit(partial(self._queue, changes), robust=True)

    def tell_update(self, key: object) -> None:
        """Tell of a record that a queryset has updated."""
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
        # A copy, because it goes on being changed: a deleted one loses its key.
        self.tell([Change(kind, copy.copy(instance), ACTOR.get())])

    def _queue(self, changes: Sequence[Change[M]]) -> None:
        with self._lock:
            if len(self._waiting) > MOST_CHANGES:
                logger.error("%d changes are not told: receivers are too slow", len(changes))
                return
            self._waiting.extend(changes)
        TELLER.submit(self._send)

    def _send(self) -> None:
        with self._lock:
            changes, self._waiting = self._waiting, []
        if not changes:
            return  # Told with those before.
        keeping_connection(self._send_robust, changes)

    def _send_robust(self, changes: Sequence[Change[M]]) -> None:
        self.send_robust(sender=self.model, changes=changes)
