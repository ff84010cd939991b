"""Carry the selection of a list through a confirmation page."""

from typing import Any

from django import template
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME

register = template.Library()


@register.inclusion_tag("admin/devices/selection.html", takes_context=True)
def selection(context: Any) -> dict[str, Any]:
    posted = context["request"].POST
    return {
        "name": ACTION_CHECKBOX_NAME,
        "keys": posted.getlist(ACTION_CHECKBOX_NAME),
        # "All 100,000" is one flag; it need not become 100,000 inputs.
        "across": posted.get("select_across", "0"),
    }
