"""server/*: what the server tells anyone (protocol, 5.1)."""

from django.utils import timezone

from devicehive.actions import Caller, Runs, action
from devicehive.shapes import Params, timestamp_text

API_VERSION = "4.1.0"
"""The version of the reference server whose protocol this is."""


class Info(Params):
    pass


@action("server/info", returns="info", runs=Runs.INLINE)
def info(caller: Caller, params: Info) -> dict[str, str]:
    return {
        "apiVersion": API_VERSION,
        "serverTimestamp": timestamp_text(timezone.now()),
        "restServerUrl": f"{caller.base_url}/rest",
    }
