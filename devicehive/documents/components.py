"""Named schemas: moves each object with a name into the components of a document.

AsyncAPI and OpenAPI have the components in the same place, so this serves both.
"""

from devicehive.documents.schemas import Schema, not_null

Components = dict[str, Schema]


def refer(schema: Schema, components: Components) -> Schema:
    """The schema with references in place of objects that have a name, which go into `components`.

    Raises ValueError if two different objects have the same name.
    """
    within = _refer_within(schema, components)
    if "title" not in schema:
        return within
    name, whole = schema["title"], not_null(within)
    if components.setdefault(name, whole) != whole:
        raise ValueError(f"two schemas have the name {name}")
    reference = {"$ref": f"#/components/schemas/{name}"}
    return reference if whole == within else {"anyOf": [reference, {"type": "null"}]}


def _refer_within(schema: Schema, components: Components) -> Schema:
    found = dict(schema)
    if "properties" in schema:
        members = schema["properties"].items()
        found["properties"] = {name: refer(each, components) for name, each in members}
    if "items" in schema:
        found["items"] = refer(schema["items"], components)
    return found
