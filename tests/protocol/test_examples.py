"""The examples of the documents: each frame is sent, and answered as it is shown."""

import json

import pytest

from devicehive.documents.examples import (
    WIDTH,
    example_of,
    example_of_push,
    examples_beside,
    lay_out,
)
from devicehive.events.pushes import pushes
from devicehive.protocol.actions import registry, rest_registry
from tests.example_world import ExampleWorld

MODULES = sorted({each.handler.__module__ for each in (registry | rest_registry).values()})
WITHOUT_EXAMPLE = {"rest/authenticate", "rest/user/keep"}
"""No requests of their own: parts of others."""

every_action = pytest.mark.parametrize("name", registry)


@pytest.fixture
def world(db: None, live: None) -> ExampleWorld:
    return ExampleWorld()


@every_action
def test_the_example_is_answered_as_documented(name: str, world: ExampleWorld) -> None:
    example = example_of(registry[name])
    # As text, for the order of the members counts too.
    assert lay_out(world.ask(example.request)) == lay_out(example.answer)
    assert world.pushed() == ([example_of_push(name, registry[name])] if name in pushes else [])


@pytest.mark.parametrize("module", MODULES)
def test_each_example_is_of_an_action_beside_it(module: str) -> None:
    every = {**registry, **rest_registry}
    names = [name for name, each in every.items() if each.handler.__module__ == module]
    names = [name for name in names if name not in WITHOUT_EXAMPLE]
    assert list(examples_beside(module)) == names


@every_action
def test_examples_are_laid_out_without_long_lines(name: str) -> None:
    for frame in example_of(registry[name]):
        text = lay_out(frame)
        assert json.loads(text) == frame
        assert max(map(len, text.splitlines())) <= WIDTH


def test_short_objects_are_laid_out_on_one_line() -> None:
    devices = [{"id": "lamp", "data": {"on": True}}, {"id": "x" * 50, "data": {}}]
    assert lay_out({"status": "success", "devices": devices}) == "\n".join(
        [
            "{",
            '  "status": "success",',
            '  "devices": [',
            '    {"id": "lamp", "data": {"on": true}},',
            '    {"id": "' + "x" * 50 + '", "data": {}}',
            "  ]",
            "}",
        ]
    )
