"""Template filters for the documents: a little Markdown, and frames."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from devicehive.documents.examples import Frame, lay_out

register = template.Library()


@register.filter
def marked(text: str) -> SafeString:
    """Convert the Markdown of the documents to HTML: code in back-ticks, and paragraphs."""
    escaped = re.sub(r"`([^`]+)`", r"<code>\1</code>", conditional_escape(text))
    return mark_safe(escaped.replace("\n\n", "</p><p>"))  # noqa: S308  # escaped above


@register.filter
def frame(value: Frame) -> str:
    """Format a frame as JSON, as the documents show it."""
    return lay_out(value)
