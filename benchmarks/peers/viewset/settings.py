"""The fastest settings for this peer: those of the other Django peer, with which it shares the
tables."""

from benchmarks.peers.naive.settings import *  # noqa: F403  # as Django's settings are shared

ROOT_URLCONF = "benchmarks.peers.viewset.urls"
WSGI_APPLICATION = "benchmarks.peers.viewset.wsgi.application"
# The only middleware needed: it sets Content-Length, which keep-alive connections require.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
REST_FRAMEWORK = {
    # Authenticates by the token alone, without a query for the user in each request.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
