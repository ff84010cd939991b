"""The sections of the documents: their titles, their order, and the modules of their actions."""

from types import ModuleType

from django.apps import apps

titles: dict[str, str] = {}
"""By module: the title of the section with its actions. The order is that of the documents."""


def section(title: str, *modules: ModuleType) -> None:
    """Declare the next section of the documents, with the actions of these handler modules."""
    titles.update({module.__name__: title for module in modules})


def title_of(module: str) -> str:
    """The title of the section with the actions of a module. If none was declared, it is the name
    of the module's app."""
    app = apps.get_containing_app_config(module)
    return titles.get(module) or str(app.verbose_name if app else module)
