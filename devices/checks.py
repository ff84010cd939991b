"""System checks of the models whose rows are written without `Model.save`, column by column."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage
from django.db.models import Field, Model

from devicehive.orm.records import is_made_up, stored_fields
from devices.models import Command, Device, Notification


@checks.register("devices")
def values_known_before_a_save(**options: Any) -> Iterable[CheckMessage]:
    yield from made_up_values([Device, Command, Notification])


def made_up_values(models: Sequence[type[Model]]) -> Iterable[CheckMessage]:
    """Errors for columns whose value only the database or `Model.save` would make."""
    for model in models:
        for field in filter(is_made_up, stored_fields(model)):
            yield _refused(field)


def _refused(field: "Field[Any, Any]") -> CheckMessage:
    return checks.Error(
        f"{field.model.__name__}.{field.name} has a value that is made up while it is stored, but "
        "the save path tells subscribers of a record as it is before.",
        hint="Give the field a `default`, which may be a function, or a literal `db_default`.",
        obj=field,
        id="devices.E001",
    )
