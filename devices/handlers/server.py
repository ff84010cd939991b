"""server/*: what the server tells anyone (protocol, 5.1)."""

from django.utils import timezone

from devicehive.actions import Caller, Runs, action
from devicehive.shapes import Params, timestamp_text

API_VERSION = "4.1.0"
"""The version of the reference server whose protocol this is."""


@action("server/info", returns="info", runs=Runs.INLINE)
def info(caller: Caller, params: Params) -> dict[str, str]:
    return {
        "apiVersion": API_VERSION,
        "serverTimestamp": timestamp_text(timezone.now()),
        "restServerUrl": f"{caller.base_url}/rest",
    }


@action("server/cacheInfo", returns="cacheInfo", runs=Runs.INLINE)
def cache_info(caller: Caller, params: Params) -> dict[str, str]:
    return {
        "serverTimestamp": timestamp_text(timezone.now()),
        "cacheStats": "no cache: every answer is read from the database",
    }
