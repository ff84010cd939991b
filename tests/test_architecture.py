"""Rules of the house: which packages import which, names, and lengths of modules."""

import ast
import subprocess
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parent.parent
PACKAGES = ("devicehive", "devices")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST = 250
"""The most lines of a module, so that it can be read in one go; migrations may be longer."""


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, at any place in it."""
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


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported_when_loaded(path: Path) -> set[str]:
    """The modules of ours that a module needs before it can be used itself; not what only the type
    checker reads."""
    known = {module_of(each) for each in MODULES}
    names: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            of_package = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= of_package & known or {node.module or ""}
    return names & known - {module_of(path)}


def test_no_modules_import_each_other_in_a_circle() -> None:
    sorter = TopologicalSorter({module_of(path): imported_when_loaded(path) for path in MODULES})
    try:
        sorter.prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


def test_nothing_is_left_over_from_editing_or_merging() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    endings = (".orig", ".rej", ".bak", ".swp", ".log", "~")
    assert [name for name in tracked if name.endswith(endings)] == []


def defined(path: Path) -> set[str]:
    """The public names that a module gives itself, at its top level."""
    names: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {each.id for each in node.targets if isinstance(each, ast.Name)}
    return {name for name in names if not name.startswith("_")}


SAME_IN_ALL = {
    "logger",  # Python's
    "Command",  # Django's name for every command
    "register",  # Django's name in every library of template tags
}


def floor_of(path: Path) -> str:
    """Handlers and services count as one: `network/insert` is `insert` in modules of both, and the
    shapes of requests have the same names in both."""
    folder = module_of(path).rpartition(".")[0]
    return "actions" if folder in ("devices.handlers", "devices.services") else str(path)


def test_no_name_stands_for_two_things_in_two_modules() -> None:
    floors: dict[str, set[str]] = defaultdict(set)
    for path in MODULES:
        if path.parent.name == "migrations":
            continue  # Each is a page of history, and speaks for itself.
        for name in defined(path) - SAME_IN_ALL:
            if len(name) > 1:  # Type variables have one letter each.
                floors[name].add(floor_of(path))
    assert {name: sorted(where) for name, where in floors.items() if len(where) > 1} == {}
