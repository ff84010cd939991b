"""The best settings this peer has: those of the other Django peer, with which it shares the
tables."""

from benchmarks.peers.naive.settings import *  # noqa: F403  # as Django's settings are shared

ROOT_URLCONF = "benchmarks.peers.viewset.urls"
WSGI_APPLICATION = "benchmarks.peers.viewset.wsgi.application"
# It alone: it tells how long answers are, as connections that are kept alive need.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
REST_FRAMEWORK = {
    # The token alone says who asks: no look at a user for each request.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
