"""What requests for networks and for device types have in common (protocol, 5.8 and 5.9)."""

from typing import Annotated

from msgspec import Meta

from devicehive.protocol.shapes import Body, Long, Needed, Params, Str
from devices.schemas.limits import Description, Name, Skip, SortOrder, Take
from devices.services.groups import SORTED_BY


class GroupBody(Body):
    name: Name | None = None
    description: Description | None = None


class NewGroupBody(GroupBody):
    name: Needed[Name] = None
    id: Annotated[Long, Meta(extra_json_schema={"description": "refused if given"})] | None = None


class Filter(Params):
    name: Str | None = None
    name_pattern: Str | None = None


class Listing(Filter):
    sort_field: Annotated[Str, Meta(extra_json_schema={"enum": [*SORTED_BY]})] | None = None
    sort_order: SortOrder | None = None
    take: Take | None = None
    skip: Skip | None = None
