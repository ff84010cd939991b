"""In which order the documents tell of the actions, and under which titles."""

from types import ModuleType

from django.apps import apps

titles: dict[str, str] = {}
"""The title above the actions of a module, by its name; the order is that of the documents."""


def section(title: str, *modules: ModuleType) -> None:
    """Declare the next section of the documents: the actions of these modules of handlers."""
    titles.update({module.__name__: title for module in modules})


def title_of(module: str) -> str:
    """The title above the actions of a module: where none was declared, the name of its app."""
    app = apps.get_containing_app_config(module)
    return titles.get(module) or str(app.verbose_name if app else module)
