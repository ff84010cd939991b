"""The names of schemas in documents."""

import pytest

from devicehive.documents.components import Components, refer
from devicehive.documents.schemas import Schema

LAMP: Schema = {"title": "Lamp", "type": "object", "properties": {}, "required": []}
REFERENCE = {"$ref": "#/components/schemas/Lamp"}


def test_an_object_with_a_name_is_kept_once() -> None:
    components: Components = {}
    room = {"properties": {"first": LAMP, "others": {"type": "array", "items": LAMP}}}
    assert refer(room, components) == {
        "properties": {"first": REFERENCE, "others": {"type": "array", "items": REFERENCE}}
    }
    assert components == {"Lamp": LAMP}


def test_an_object_that_may_be_null() -> None:
    components: Components = {}
    nullable = LAMP | {"type": ["object", "null"]}
    assert refer(nullable, components) == {"anyOf": [REFERENCE, {"type": "null"}]}
    assert components == {"Lamp": LAMP}


def test_objects_in_an_object_have_names_too() -> None:
    components: Components = {}
    room = LAMP | {"title": "Room", "properties": {"lamp": LAMP}}
    assert refer(room, components) == {"$ref": "#/components/schemas/Room"}
    assert components == {"Lamp": LAMP, "Room": room | {"properties": {"lamp": REFERENCE}}}


def test_two_objects_of_one_name_are_an_error() -> None:
    components: Components = {"Lamp": LAMP | {"required": ["watts"]}}
    with pytest.raises(ValueError, match="two schemas have the name Lamp"):
        refer(LAMP, components)


def test_what_has_no_name_stays() -> None:
    components: Components = {}
    assert refer({"type": "string"}, components) == {"type": "string"}
    assert components == {}
