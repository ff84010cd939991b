"""What a load balancer or an orchestrator asks."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from devicehive import __version__
from devicehive.orm.failures import note_failure


async def livez(request: HttpRequest) -> HttpResponse:
    """The process runs and its event loop turns. Asks nothing else: a restart would not help."""
    return JsonResponse({"status": "alive"})


def readyz(request: HttpRequest) -> HttpResponse:
    """The process can save: the database answers. Redis is not asked; saves do without it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        note_failure(error, "the database does not answer")
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ready", "version": __version__})
