"""What requests for networks and for device types have in common (protocol, 5.8 and 5.9)."""

from devicehive.shapes import Body, Int, Long, Params, Str


class GroupBody(Body):
    name: Str | None = None
    description: Str | None = None


class NewGroupBody(GroupBody):
    id: Long | None = None


class Filter(Params):
    name: Str | None = None
    name_pattern: Str | None = None


class Listing(Filter):
    sort_field: Str | None = None
    sort_order: Str | None = None
    take: Int | None = None
    skip: Int | None = None
