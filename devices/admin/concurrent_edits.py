"""Forms that were open while the record changed.

Each input of a form carries the value that its reader was shown, hidden beside it. What the reader
edited and someone else has changed since is refused, with both values; all other fields are merged.
"""

from collections.abc import Iterator
from copy import copy
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField, model_to_dict
from django.utils.datastructures import MultiValueDict


class Overtaken(NamedTuple):
    """A field that the reader of a form and someone else have changed to different values."""

    name: str
    stored: str
    """As it is now, for people."""

    @property
    def text(self) -> str:
        return (
            f"Changed by someone else since this page was opened. It is now: {self.stored}\n"
            "Yours is below and is not saved. Save again to put it in the place of theirs."
        )


def carry_shown(form: "forms.ModelForm[Any]") -> None:
    """Let the inputs of a form carry what is shown, all but those that nobody can edit."""
    for field in form.fields.values():
        field.show_hidden_initial = not field.disabled
    if not any(bound.html_initial_name in form.data for bound in form):
        return  # Not sent yet, or by a program, which was shown nothing.
    form.data = copy(form.data)
    for bound in _choices(form):
        # An empty selection is no input at all. Django would then take what was chosen for what
        # was shown when it shows the form again, and so lose the choice.
        if bound.html_initial_name not in form.data:
            _set_shown(form, bound, [])


def find_overtaken(form: "forms.ModelForm[Any]") -> Iterator[Overtaken]:
    """The fields of a valid form that were edited here and there, compared with its instance.

    The form that is shown again then carries what is stored now: whoever saves it knows.
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
