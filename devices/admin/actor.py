"""Tell receivers of signals which user makes a change in the admin."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from devicehive.protocol.actor import ACTOR
from devices.models import User
from devices.services import standing

Handler = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Notes the user of a request that may change something, not of one that only reads."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not isinstance(request.user, User):
            return self.get_response(request)
        token = ACTOR.set(standing.unlimited(request.user))
        try:
            return self.get_response(request)
        finally:
            ACTOR.reset(token)
