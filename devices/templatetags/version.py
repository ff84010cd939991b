"""The version of the server, for the footer of every page of the admin."""

from django.template import Library

from devicehive import __version__

register = Library()


@register.simple_tag
def version() -> str:
    return __version__
