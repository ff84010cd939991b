"""Actions of REST that differ from frames by more than a row of `devices/routes.py` can say."""

from typing import Annotated, Any

import msgspec
from django.conf import settings
from django.utils import timezone
from msgspec import Meta

from devicehive import API_VERSION
from devicehive.documents.openapi import openapi_document
from devicehive.protocol.actions import Caller, Runs, action, rest_registry
from devicehive.protocol.bodies import Params
from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.shapes import Bool, Int, Str
from devicehive.protocol.timestamps import TimestampText, timestamp_text
from devices.handlers import command, gate, user
from devices.handlers.paging import LIST_ERRORS, message_page, page
from devices.handlers.token import Authenticate
from devices.handlers.user_access import DeviceTypeOfUser, NestedDeviceType
from devices.refusals import CommandRefusal, DeviceRefusal, UserRefusal
from devices.schemas.command import CommandOut
from devices.schemas.device import DeviceFilter, DeviceOut
from devices.schemas.group import DeviceTypeOut
from devices.schemas.limits import Skip, SortOrder
from devices.services import authentication, commands, devices, user_access, users
from devices.services.authentication import Authentication
from devices.services.message_lists import COMMAND_LISTS


@action("rest/welcome", runs=Runs.INLINE, into=rest_registry)
def welcome(caller: Caller, params: Params) -> str:
    """A line of text for people who open the URL in a browser."""
    return "DeviceHive REST: /docs/ on this host says what there is.\n"


@action("rest/document", runs=Runs.INLINE, into=rest_registry)
def document(caller: Caller, params: Params) -> dict[str, Any]:
    """This document."""
    return openapi_document()


class RestInfo(msgspec.Struct, rename="camel"):
    api_version: str
    server_timestamp: TimestampText
    web_socket_server_url: str


@action("rest/info", runs=Runs.INLINE, into=rest_registry)
def info(caller: Caller, params: Params) -> RestInfo:
    """The version of the protocol, the server's clock, and where its WebSocket is."""
    url = settings.WEBSOCKET_URL or f"ws{caller.base_url.removeprefix('http')}/websocket"
    return RestInfo(API_VERSION, timestamp_text(timezone.now()), url)


@action(
    "rest/authenticate",
    look_up=authentication.identify_many,
    errors=(ProtocolRefusal.INVALID_CREDENTIALS, ProtocolRefusal.TOKEN_EXPIRED),
    into=rest_registry,
)
def authenticate(caller: Caller, params: Authenticate) -> Authentication:
    """Let this request act for the user of an access token. This does not count as a log-in."""
    return Authentication.of(caller, params.token)


class ListDevices(DeviceFilter):
    sort_field: (
        Annotated[Str, Meta(extra_json_schema={"enum": [*devices.SORTED_BY_NAMES]})] | None
    ) = None
    sort_order: SortOrder | None = None
    take: Annotated[Int, Meta(extra_json_schema={"minimum": 0})] | None = None
    skip: Skip | None = None


@action("rest/device/list", needs=Permission.GET_DEVICE, errors=LIST_ERRORS, into=rest_registry)
def list_devices(caller: Caller, params: ListDevices) -> list[DeviceOut]:
    """The devices that the caller can see and that match all filters, by default in the order
    of their ids."""
    found = devices.find(caller.identity, params)
    return DeviceOut.of_all(page(found, devices.SORTED_BY_NAMES, params))


class GetCommand(command.ById):
    return_updated_commands: Bool | None = None


@action(
    "rest/command/get",
    needs=Permission.GET_DEVICE_COMMAND,
    target=gate.device,
    errors=(DeviceRefusal.NOT_FOUND, CommandRefusal.NOT_FOUND),
    into=rest_registry,
)
def get_command(caller: Caller, params: GetCommand) -> CommandOut:
    """One command of a device; with `returnUpdatedCommands` only if it was updated."""
    found = commands.get(caller.identity, params.device_id, params.command_id)
    if params.return_updated_commands and not found.updates:
        raise CommandRefusal.NOT_FOUND(params.command_id)
    return CommandOut.of(found)


@action(
    "rest/command/list",
    needs=Permission.GET_DEVICE_COMMAND,
    target=gate.device,
    errors=(DeviceRefusal.NOT_FOUND, *LIST_ERRORS),
    into=rest_registry,
)
def list_commands(caller: Caller, params: command.Listing) -> list[CommandOut]:
    """The commands of a device, the newest first; `status` is exact."""
    found = commands.of_device(caller.identity, params.device_id)
    if params.status:
        found = found.filter(status=params.status)
    listed = message_page(found, COMMAND_LISTS, params, name=params.command)
    return CommandOut.of_all(listed)


@action(
    "rest/user/keep",
    needs=Permission.MANAGE_USER,
    errors=(UserRefusal.NOT_FOUND,),
    into=rest_registry,
)
def keep_user(caller: Caller, params: user.ById) -> None:
    """Change nothing of a user."""
    users.check_known(params.user_id)


@action(
    "rest/user/getDeviceType",
    needs=Permission.GET_DEVICE_TYPE,
    errors=(UserRefusal.NOT_FOUND, UserRefusal.DEVICE_TYPE_NOT_FOUND),
    into=rest_registry,
)
def get_device_type(caller: Caller, params: DeviceTypeOfUser) -> NestedDeviceType:
    """A device type that is assigned to the user, or, for a user who may use all types, any type
    that the caller can see."""
    found = user_access.device_type_for(caller.identity, params.user_id, params.device_type_id)
    return NestedDeviceType(DeviceTypeOut.of(found))
