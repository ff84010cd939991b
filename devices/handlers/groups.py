"""What requests for networks and for device types have in common (protocol, 5.8 and 5.9)."""

from typing import Annotated, ClassVar

from msgspec import Meta

from devicehive.protocol.bodies import CheckedLater
from devicehive.protocol.shapes import Long, Str
from devices.schemas.group import GroupBody, GroupFilter
from devices.schemas.limits import Name, Skip, SortOrder, Take
from devices.services.groups import SORTED_BY


class NewGroupBody(GroupBody):
    name: CheckedLater[Name] = None
    id: Annotated[Long, Meta(extra_json_schema={"description": "refused if given"})] | None = None


class NewNetworkBody(NewGroupBody):
    published: ClassVar = "NewNetwork"


class NewDeviceTypeBody(NewGroupBody):
    published: ClassVar = "NewDeviceType"


class Listing(GroupFilter):
    sort_field: Annotated[Str, Meta(extra_json_schema={"enum": [*SORTED_BY]})] | None = None
    sort_order: SortOrder | None = None
    take: Take | None = None
    skip: Skip | None = None
