"""Makes JSON Schemas from the shapes of requests and answers."""

from typing import Any

from msgspec import inspect

from devicehive.protocol.bodies import Body

Schema = dict[str, Any]

PLAIN: dict[type[inspect.Type], Schema] = {
    inspect.AnyType: {},
    inspect.RawType: {"type": "object"},
    inspect.DictType: {"type": "object"},
    inspect.IntType: {"type": "integer"},
    inspect.StrType: {"type": "string"},
    inspect.FloatType: {"type": "number"},
    inspect.BoolType: {"type": "boolean"},
}


class UnknownTypeError(TypeError):
    """There is no schema for the type of a member."""


def schema_of(shape: Any) -> Schema:
    """The JSON Schema of a type. The `title` of an object is its name for clients (`name_of`).

    Raises UnknownTypeError.
    """
    return _schema(inspect.type_info(shape))


def _schema(info: inspect.Type) -> Schema:
    match info:
        case inspect.Metadata():
            shape = _extra(info, "shape")
            inner = schema_of(shape) if shape else _schema(info.type)
            return inner | (info.extra_json_schema or {})
        case inspect.CustomType():
            lenient: Any = info.cls
            return dict(lenient.schema)
        case inspect.UnionType():
            of = [_schema(each) for each in info.types if not isinstance(each, inspect.NoneType)]
            schema = of[0] if len(of) == 1 else {"anyOf": of}
            return schema if len(of) == len(info.types) else nullable(schema)
        case inspect.StructType():
            return _object(info)
        case inspect.ListType() | inspect.SetType() | inspect.FrozenSetType():
            return {"type": "array", "items": _schema(info.item_type)}
    if type(info) not in PLAIN:
        raise UnknownTypeError(f"{type(info).__name__} has no schema")
    return dict(PLAIN[type(info)])


def _object(info: inspect.StructType) -> Schema:
    is_request = issubclass(info.cls, Body)
    properties, required = {}, []
    for field in info.fields:
        schema = _schema(field.type)
        # An answer has all its members.
        if not is_request or _extra(field.type, "needed"):
            required.append(field.encode_name)
        if is_request and field.encode_name in required:
            schema = not_null(schema)
        elif is_request:
            schema = nullable(schema)
        properties[field.encode_name] = schema
    return {
        "title": name_of(info.cls),
        "type": "object",
        "properties": properties,
        "required": required,
    }


def name_of(shape: type) -> str:
    """The name of a shape in clients that are generated from the documents: its `published`, which
    subclasses do not inherit, or else the name of the class."""
    name: str = vars(shape).get("published", shape.__name__)
    return name


def _extra(info: inspect.Type, key: str) -> Any:
    return (info.extra or {}).get(key) if isinstance(info, inspect.Metadata) else None


def nullable(schema: Schema) -> Schema:
    """The schema, also allowing null."""
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    if not types or "null" in types:
        return schema
    widened = schema | {"type": [*types, "null"]}
    return widened | {"enum": [*schema["enum"], None]} if "enum" in schema else widened


def not_null(schema: Schema) -> Schema:
    """The schema without null."""
    if not isinstance(schema.get("type"), list):
        return schema
    types = [each for each in schema["type"] if each != "null"]
    narrowed = schema | {"type": types[0] if len(types) == 1 else types}
    if "enum" in schema:
        narrowed["enum"] = [each for each in schema["enum"] if each is not None]
    return narrowed
