"""server/*: information about the server, for anyone (protocol, 5.1)."""

import msgspec
from django.utils import timezone

from devicehive import API_VERSION
from devicehive.protocol.actions import Caller, Runs, action
from devicehive.protocol.bodies import Params
from devicehive.protocol.timestamps import TimestampText, timestamp_text


class ServerInfo(msgspec.Struct, rename="camel"):
    api_version: str
    server_timestamp: TimestampText
    rest_server_url: str


@action("server/info", returns="info", runs=Runs.INLINE)
def info(caller: Caller, params: Params) -> ServerInfo:
    """The version of the protocol, the server's clock, and where its REST interface is."""
    return ServerInfo(API_VERSION, timestamp_text(timezone.now()), f"{caller.base_url}/rest")


class CacheInfo(msgspec.Struct, rename="camel"):
    server_timestamp: TimestampText
    cache_stats: str = "no cache: every answer is read from the database"


@action("server/cacheInfo", returns="cacheInfo", runs=Runs.INLINE)
def cache_info(caller: Caller, params: Params) -> CacheInfo:
    """The server's clock, and a text that says there is no cache."""
    return CacheInfo(timestamp_text(timezone.now()))
