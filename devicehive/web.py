"""Settings: who may ask over HTTP and WebSocket, and through which proxy."""

from devicehive import env

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["*"], "Host names that the admin answers to; * is any.")
CSRF_TRUSTED_ORIGINS = env.words(
    "CSRF_TRUSTED_ORIGINS", [], "Origins the admin is used from behind a TLS proxy."
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
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
