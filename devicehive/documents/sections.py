"""In which order the documents tell of the actions, and under which titles."""

from types import ModuleType

titles: dict[str, str] = {}
"""The title above the actions of a module, by its name; the order is that of the documents."""


def section(title: str, *modules: ModuleType) -> None:
    """Declare the next section of the documents: the actions of these modules of handlers."""
    titles.update({module.__name__: title for module in modules})
