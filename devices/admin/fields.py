"""Form fields that return exactly the stored value unless a person changed it."""

from typing import Any

import msgspec
from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError

from devicehive.protocol.refusals import Refused
from devicehive.protocol.shapes import check_object, object_text
from devices.admin.json_text import compact, indented

LONGEST_LAID_OUT = 1_048_576
"""The longest JSON that is shown indented, in bytes. A form contains each value twice (see
ServiceForm), and Django refuses forms of more than 2.5 MiB."""


class TypedText(str):
    """A text that a person typed, to be shown again unchanged."""

    __slots__ = ()


class JSONObjectField(forms.CharField):
    """A JSON object or nothing, stored as text, shown indented, compared without white space."""

    widget = AdminTextareaWidget(attrs={"class": "vLargeTextField json", "spellcheck": "false"})

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, help_text="A JSON object; empty for none.", **options)

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        if not text:
            return None
        try:
            check_object(msgspec.json.decode(text, type=msgspec.Raw))
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValidationError(f"Not valid JSON: {error}") from None
        except Refused as refused:
            raise ValidationError(refused.text) from None
        return object_text(msgspec.Raw(compact(text)))

    def bound_data(self, data: Any, initial: Any) -> Any:
        return None if data is None else TypedText(data)

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, TypedText):
            return value
        laid_out = indented(value)
        return laid_out if len(laid_out.encode()) <= LONGEST_LAID_OUT else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return (compact(initial or "") or None) != self.to_python(data)
        except ValidationError:
            return True


class VerbatimField(forms.CharField):
    """One line of text that is not stripped of white space."""

    widget = AdminTextInputWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, strip=False, **options)

    def has_changed(self, initial: Any, data: Any) -> bool:
        # A name may contain line breaks, which browsers remove from an input of one line.
        return _one_line(initial) != _one_line(data)


def _one_line(text: str | None) -> str:
    return (text or "").replace("\r", "").replace("\n", "")
