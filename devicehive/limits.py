"""Settings: what one connection, one address and one request may take of the server."""

from devicehive import env

MAX_MESSAGE_BYTES = env.number(
    "MAX_MESSAGE_BYTES", 1_048_576, "Longest WebSocket message accepted.", least=1_024
)
MAX_UNSENT_BYTES = env.number(
    "MAX_UNSENT_BYTES",
    524_288,
    "A client that leaves more than this unread and takes nothing for UNSENT_SECONDS is dropped.",
    least=65_536,
)
UNSENT_SECONDS = env.number("UNSENT_SECONDS", 4, "See MAX_UNSENT_BYTES.", least=1, most=3_600)
PING_SECONDS = env.number("PING_SECONDS", 25, "Seconds between pings to each client.", least=1)
SILENT_SECONDS = env.number(
    "SILENT_SECONDS",
    300,
    "A client of which not one byte has come for so long is dropped; three times PING_SECONDS if "
    "that is more. Answering pings is not required.",
    least=1,
)
DRAIN_SECONDS = env.number(
    "DRAIN_SECONDS", 6, "On SIGTERM, time to answer what has been received.", least=1
)
