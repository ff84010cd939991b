"""Check primary keys in requests made by hand: only a possible key may reach the database."""

import re
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.db.models import AutoField, Model


def is_key(model: type[Model], text: str) -> bool:
    """Whether a record could have this primary key."""
    if isinstance(model._meta.pk, AutoField):
        return bool(re.fullmatch("[0-9]{1,18}", text, re.ASCII))
    return "\0" not in text


class SearchSelect(AutocompleteSelect):
    """Ignores chosen values that cannot be keys; Django's widget would query for them and fail."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, _keys_in(self, value), attr)


class SearchSelectMultiple(AutocompleteSelectMultiple):
    """Does what `SearchSelect` does, for fields with several records."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, _keys_in(self, value), attr)


def _keys_in(widget: Any, chosen: list[str]) -> list[str]:
    model = widget.field.remote_field.model
    return [each for each in chosen if each == "" or is_key(model, str(each))]
