"""Merge or refuse edits of a record that changed while its form was open.

Each input has a hidden input with the value that the user was shown. A field that both the user and
someone else have changed is refused, with both values; all other fields are merged.
"""

from collections.abc import Iterator
from copy import copy
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField, model_to_dict
from django.utils.datastructures import MultiValueDict


class Overtaken(NamedTuple):
    """A field that the user of a form and someone else have changed to different values."""

    name: str
    stored: str
    """The stored value, as shown to people."""

    @property
    def text(self) -> str:
        return (
            f"Changed by someone else since this page was opened. It is now: {self.stored}\n"
            "Yours is below and is not saved. Save again to put it in the place of theirs."
        )


def carry_shown(form: "forms.ModelForm[Any]") -> None:
    """Add hidden inputs with the shown values to a form, except for fields that are read-only."""
    for field in form.fields.values():
        field.show_hidden_initial = not field.disabled
    if not any(bound.html_initial_name in form.data for bound in form):
        return  # The form was not sent yet, or by a program, which was shown nothing.
    form.data = copy(form.data)
    for bound in _choices(form):
        # A browser sends nothing for an empty selection. When Django then shows the form again, it
        # would take the user's choice for the shown value, and so lose the choice.
        if bound.html_initial_name not in form.data:
            _set_shown(form, bound, [])


def find_overtaken(form: "forms.ModelForm[Any]") -> Iterator[Overtaken]:
    """The fields of a valid form that someone else has changed too, compared with its instance.

    The form that is then shown again has the stored values as shown values, so that it can be
    saved.
    """
    stored = model_to_dict(form.instance, form.changed_data)
    for name in form.changed_data:
        bound, field = form[name], form.fields[name]
        if bound.html_initial_name not in form.data:
            continue  # Sent by a program.
        shown = _value(form, bound)
        if field.has_changed(stored[name], shown) and field.has_changed(stored[name], bound.data):
            _set_shown(form, bound, field.prepare_value(stored[name]))
            yield Overtaken(name, _readable(field, stored[name]))


def _choices(form: "forms.ModelForm[Any]") -> Iterator[BoundField]:
    for name, field in form.fields.items():
        if isinstance(field, forms.ModelMultipleChoiceField) and field.show_hidden_initial:
            yield form[name]


def _value(form: "forms.ModelForm[Any]", bound: BoundField) -> Any:
    widget = bound.field.hidden_widget()
    return widget.value_from_datadict(form.data, form.files, bound.html_initial_name)


def _set_shown(form: "forms.ModelForm[Any]", bound: BoundField, value: Any) -> None:
    data: Any = form.data
    if isinstance(value, list) and isinstance(data, MultiValueDict):
        data.setlist(bound.html_initial_name, value)
    else:
        data[bound.html_initial_name] = value


def _readable(field: forms.Field, stored: Any) -> str:
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(sorted(map(str, stored))) or "none"
    if isinstance(field, forms.ModelChoiceField):
        return str(field.to_python(stored))
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return str(dict(choices)[stored])
    if isinstance(field, forms.BooleanField):
        return "yes" if stored else "no"
    return field.prepare_value(stored) or "empty"
