"""Primary keys in hand-made requests: any text at all, of which only what can be a key may be asked
for."""

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
    """Leaves out of what is chosen whatever cannot be a key; Django's asks for it and fails."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, _keys_in(self, value), attr)


class SearchSelectMultiple(AutocompleteSelectMultiple):
    """A field with a search for several records, whose keys are texts."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, _keys_in(self, value), attr)


def _keys_in(widget: Any, chosen: list[str]) -> list[str]:
    model = widget.field.remote_field.model
    return [each for each in chosen if each == "" or is_key(model, str(each))]
