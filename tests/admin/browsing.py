"""The names and values that a browser would send for an untouched form."""

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from django.test import Client

if TYPE_CHECKING:
    # The test client adds a context to the response, and this is what django-stubs calls that.
    from django.test.client import _MonkeyPatchedWSGIResponse

    Answer = _MonkeyPatchedWSGIResponse
else:
    from django.http import HttpResponse

    Answer = HttpResponse

Values = dict[str, list[str]]


class FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: Values = {}
        self.select = ""
        self.textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in given:
            self.add(self.select, value)
        elif tag == "textarea":
            self.textarea = name
            self.values[name] = [""]
        elif tag == "input" and given.get("type") == "checkbox":
            if "checked" in given:
                self.add(name, value or "on")
        elif tag == "input" and given.get("type") != "submit":
            one_line = given.get("type") != "hidden"
            self.add(name, value.replace("\n", "") if one_line else value)

    def handle_data(self, data: str) -> None:
        if self.textarea is not None:
            self.values[self.textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.textarea is not None:
            # The line break after the tag is not part of the text.
            self.values[self.textarea][0] = self.values[self.textarea][0].removeprefix("\n")
            self.textarea = None

    def add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


def form_of(client: Client, url: str) -> Values:
    """The values of the page's forms, as they are first shown."""
    return form_in(client.get(url))


def form_in(answer: Answer) -> Values:
    """The values of the forms that an answer shows, such as one with errors."""
    reader = FormReader()
    reader.feed(answer.content.decode())
    return reader.values


def submit(client: Client, url: str, form: Values | None = None, **edited: Any) -> Answer:
    """Send the form of the page, or one opened before, with some of it edited.

    None unticks a box or empties a selection.
    """
    values = dict(form_of(client, url) if form is None else form)
    for name, value in edited.items():
        values[name] = (
            []
            if value is None
            else list(map(str, value))
            if isinstance(value, list)
            else [str(value)]
        )
    sent = {
        name: [each.replace("\r\n", "\n").replace("\n", "\r\n") for each in listed]
        for name, listed in values.items()
    }
    return client.post(url, sent)


def errors(response: Answer) -> list[str]:
    """Everything the form complains about."""
    assert response.status_code == 200, response.status_code
    found = response.context["adminform"].form.errors
    return [text for listed in found.values() for text in listed]
