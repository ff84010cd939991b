"""Settings: who may ask over HTTP and WebSocket, and through which proxy."""

from devicehive import env

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["*"], "Host names that the admin answers to; * is any.")
CSRF_TRUSTED_ORIGINS = env.words(
    "CSRF_TRUSTED_ORIGINS", [], "Origins the admin is used from, where a proxy changes Host."
)
ALLOWED_ORIGINS = env.words(
    "ALLOWED_ORIGINS",
    ["*"],
    "Origins that browsers may open WebSockets from; * is any. Devices send none and may always.",
)
TRUST_PROXY = env.switch(
    "TRUST_PROXY", False, "Believe X-Forwarded-For and X-Forwarded-Proto: set it behind a proxy."
)
WEBSOCKET_URL = env.url(
    "WEBSOCKET_URL",
    "",
    "Where `GET /api/rest/info` says the WebSocket is. When not set, at the host of the request.",
    schemes=("ws", "wss"),
)
PATH_PREFIX = env.prefix(
    "PATH_PREFIX",
    "Path below which a proxy serves this server: URLs, redirects, static files and cookies have "
    "it. Requests may come with it or without.",
)
HSTS_SECONDS = env.number(
    "HSTS_SECONDS",
    2_592_000,
    "With TRUST_PROXY, how long browsers that came over TLS come over nothing else "
    "(Strict-Transport-Security); 0 leaves that to the proxy.",
)

# What Django makes of that. The scheme of a request is that of its scope (`serving.proxied`).
FORCE_SCRIPT_NAME = PATH_PREFIX or None
STATIC_URL = f"{PATH_PREFIX}/static/"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{PATH_PREFIX}/"
SECURE_HSTS_SECONDS = HSTS_SECONDS if TRUST_PROXY else 0
# What `check --deploy` does not see or is not ours to say: cookies are Secure whenever the request
# was (`serving.secure_cookies`); redirects to TLS are the proxy's; subdomains and browsers' lists
# are the domain's.
SILENCED_SYSTEM_CHECKS = (
    ["security.W008", "security.W012", "security.W016", "security.W005", "security.W021"]
    if TRUST_PROXY
    else []
)
