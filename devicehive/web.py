"""Settings of access over HTTP and WebSocket: host names, origins and proxies."""

from devicehive import env

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["*"], "Host names that the admin answers to; * is any.")
CSRF_TRUSTED_ORIGINS = env.words(
    "CSRF_TRUSTED_ORIGINS", [], "Origins of the admin, needed if a proxy changes Host."
)
ALLOWED_ORIGINS = env.words(
    "ALLOWED_ORIGINS",
    ["*"],
    "Origins from which browsers may open WebSockets; * is any. Clients without Origin always may.",
)
TRUST_PROXY = env.switch(
    "TRUST_PROXY", False, "Believe X-Forwarded-For and X-Forwarded-Proto: set it behind a proxy."
)
WEBSOCKET_URL = env.url(
    "WEBSOCKET_URL",
    "",
    "URL of the WebSocket in `GET /api/rest/info`. When not set, it has the host of the request.",
    schemes=("ws", "wss"),
)
PATH_PREFIX = env.prefix(
    "PATH_PREFIX",
    "Path below which a proxy serves this server. URLs, redirects, static files and cookies have "
    "it; requests may come with it or without.",
)
HSTS_SECONDS = env.number(
    "HSTS_SECONDS",
    2_592_000,
    "With TRUST_PROXY, how long browsers that came over TLS may only use TLS "
    "(Strict-Transport-Security); 0 leaves that to the proxy.",
)

# Django's settings that follow from these. `serving.proxied` sets the scheme of a request.
FORCE_SCRIPT_NAME = PATH_PREFIX or None
STATIC_URL = f"{PATH_PREFIX}/static/"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{PATH_PREFIX}/"
SECURE_HSTS_SECONDS = HSTS_SECONDS if TRUST_PROXY else 0
# Warnings of `check --deploy` that do not apply: cookies are Secure whenever the request was
# (`serving.secure_cookies`); the proxy redirects to TLS; HSTS for subdomains and browsers' preload
# lists is a decision about the whole domain.
SILENCED_SYSTEM_CHECKS = (
    ["security.W008", "security.W012", "security.W016", "security.W005", "security.W021"]
    if TRUST_PROXY
    else []
)
