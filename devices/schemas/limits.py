"""Members of requests, with the limits that the documents state. The services enforce them."""

from typing import Annotated

from msgspec import Meta

from devicehive.protocol.shapes import Int, Long, Str
from devices.models import (
    DEVICE_ID_CHARACTERS,
    LOGIN_CHARACTERS,
    LONGEST_CONFIGURATION_NAME,
    LONGEST_CONFIGURATION_VALUE,
    LONGEST_DESCRIPTION,
    LONGEST_DEVICE_ID,
    LONGEST_LOGIN,
    LONGEST_NAME,
    SHORTEST_LOGIN,
    User,
)

DEFAULT_TAKE = 20
MOST_LISTED = 1_000
"""The most names or ids in one list (R-47)."""
MessageNames = Annotated[set[Str], Meta(max_length=MOST_LISTED)]
GroupIds = Annotated[set[Long], Meta(max_length=MOST_LISTED)]
SHORTEST_PASSWORD = 6
LONGEST_PASSWORD = 128

NewDeviceId = Annotated[
    Str,
    Meta(
        extra_json_schema={
            "minLength": 1,
            "maxLength": LONGEST_DEVICE_ID,
            "pattern": f"^[{DEVICE_ID_CHARACTERS}]+$",
        }
    ),
]
Name = Annotated[Str, Meta(extra_json_schema={"minLength": 1, "maxLength": LONGEST_NAME})]
Description = Annotated[Str, Meta(extra_json_schema={"maxLength": LONGEST_DESCRIPTION})]
Login = Annotated[
    Str,
    Meta(
        extra_json_schema={
            "minLength": SHORTEST_LOGIN,
            "maxLength": LONGEST_LOGIN,
            "pattern": f"^[{LOGIN_CHARACTERS}]+$",
        }
    ),
]
Password = Annotated[
    Str, Meta(extra_json_schema={"minLength": SHORTEST_PASSWORD, "maxLength": LONGEST_PASSWORD})
]
Role = Annotated[Int, Meta(extra_json_schema={"enum": User.Role.values})]
Status = Annotated[Int, Meta(extra_json_schema={"enum": User.Status.values})]
ConfigurationName = Annotated[
    Str, Meta(extra_json_schema={"minLength": 1, "maxLength": LONGEST_CONFIGURATION_NAME})
]
ConfigurationValue = Annotated[
    Str, Meta(extra_json_schema={"minLength": 1, "maxLength": LONGEST_CONFIGURATION_VALUE})
]
SortOrder = Annotated[Str, Meta(extra_json_schema={"enum": ["ASC", "DESC"]})]
Take = Annotated[Int, Meta(extra_json_schema={"minimum": 0, "default": DEFAULT_TAKE})]
Skip = Annotated[Int, Meta(extra_json_schema={"minimum": 0, "default": 0})]
