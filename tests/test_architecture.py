"""What keeps the house in order: who imports whom, and where things may not be put."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parent.parent
PACKAGES = ("devicehive", "devices")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST = 250
"""Lines of a file that is still read in one go. Generated migrations may be longer."""


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def test_the_protocol_knows_no_resource() -> None:
    guilty = [path for path in (ROOT / "devicehive").rglob("*.py") if "devices" in imported(path)]
    assert guilty == []


def test_the_protocol_has_no_models() -> None:
    assert {model.__module__ for model in apps.get_models()}.isdisjoint({"devicehive"})
    assert not (ROOT / "devicehive/models.py").exists()
    assert not (ROOT / "devicehive/migrations").exists()


def test_the_app_knows_no_socket() -> None:
    guilty = [path for path in (ROOT / "devices").rglob("*.py") if "channels" in imported(path)]
    assert guilty == []


@pytest.mark.parametrize("name", ["utils", "helpers", "base", "misc", "common"])
def test_no_module_has_a_name_that_says_nothing(name: str) -> None:
    assert [path for path in MODULES if name in (path.stem, path.parent.name)] == []


def test_no_module_is_too_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in MODULES
        if path.parent.name != "migrations"
    }
    assert [path for path, lines in lengths.items() if lines > LONGEST] == []


def test_no_call_counts_more_than_four_positions() -> None:
    """Beyond that nobody sees which value goes where. A list of names is none of these."""
    calls = [
        (str(path.relative_to(ROOT)), node.lineno)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and len(node.args) > 4
        if not all(isinstance(each, ast.Constant) for each in node.args)
    ]
    assert calls == []
