"""Settings: what one connection, one address and one request may take of the server."""

from devicehive import env

MAX_MESSAGE_BYTES = env.number(
    "MAX_MESSAGE_BYTES",
    1_048_576,
    "Longest WebSocket message and longest body of an HTTP request accepted.",
    least=1_024,
)
MAX_UNSENT_BYTES = env.number(
    "MAX_UNSENT_BYTES",
    524_288,
    "A client that leaves more than this unread and takes nothing for UNSENT_SECONDS is dropped.",
    least=65_536,
)
MAX_ALL_UNSENT_BYTES = env.number(
    "MAX_ALL_UNSENT_BYTES",
    268_435_456,
    "What all clients of a process together may leave unread, an event that several wait for "
    "counted once; beyond it, who leaves most is dropped.",
    least=1_048_576,
)
MAX_ALL_RECEIVED_BYTES = env.number(
    "MAX_ALL_RECEIVED_BYTES",
    268_435_456,
    "What all clients of a process together may have sent that is not whole or not taken yet; "
    "beyond it, who has sent most is dropped, strangers first. As much may wait for a batch; more "
    "is answered with 503.",
    least=1_048_576,
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
AUTHENTICATE_SECONDS = env.number(
    "AUTHENTICATE_SECONDS",
    60,
    "A client that has not authenticated after so long is closed with 4408; the time in which the "
    "server owes it an answer does not count.",
    least=1,
)
ANONYMOUS_CONNECTIONS = env.number(
    "ANONYMOUS_CONNECTIONS",
    1_000,
    "WebSockets of one address that have not authenticated yet; one more is refused with 429.",
    least=1,
)
CONNECTIONS_PER_SECOND = env.number(
    "CONNECTIONS_PER_SECOND",
    100,
    "Connections that one address may open in a second, and ten times as many at once; more are "
    "closed unheard. 0 is no limit; behind a proxy (TRUST_PROXY) the proxy has to limit them.",
)
TRUSTED_NETWORKS = env.networks(
    "TRUSTED_NETWORKS",
    ["127.0.0.0/8", "::1/128"],
    "Addresses that many come from, such as brokers: none of the limits of one address is theirs.",
)
MESSAGES_PER_SECOND = env.number(
    "MESSAGES_PER_SECOND",
    0,
    "Messages of one WebSocket, and requests of REST with one token, that are handled in a "
    "second; more are answered with 429. 0 is no limit.",
)
WAITING_POLLS = env.number(
    "WAITING_POLLS",
    10_000,
    "Polls of REST that may wait in a process, at 23 KiB each; one more is answered with 503.",
    least=1,
)
WAITING_POLLS_OF_ADDRESS = env.number(
    "WAITING_POLLS_OF_ADDRESS",
    1_000,
    "Polls of REST that may wait of one address; one more is answered with 429.",
    least=1,
)
MAX_ANSWER_BYTES = env.number(
    "MAX_ANSWER_BYTES",
    16_777_216,
    "Longest list or replay that is answered; what is longer is refused while it is built.",
    least=65_536,
)
HTTP_THREADS = env.number(
    "HTTP_THREADS",
    4,
    "HTTP requests that a process handles at once, each in a thread; more wait, and too many of "
    "them are answered with 503.",
    least=1,
    most=64,
)
DRAIN_SECONDS = env.number(
    "DRAIN_SECONDS", 6, "On SIGTERM, time to answer what has been received.", least=1
)
MAX_TOKEN_BYTES = env.number(
    "MAX_TOKEN_BYTES",
    65_536,
    "Longest token that is made or accepted, some 6,000 ids of networks and device types; what it "
    "lists takes some fifteen times as much memory of each connection that authenticates with it.",
    least=4_096,
)
LONGEST_TOKEN_SECONDS = env.number(
    "LONGEST_TOKEN_SECONDS",
    315_576_000,
    "Longest lifetime that token/create may be asked for; ten years, unless set.",
    least=1,
)
ENFORCE_BLOCKED = env.switch(
    "ENFORCE_BLOCKED",
    False,
    "Refuse saves, deletion, commands and notifications of a blocked device, unless by an "
    "administrator. Off, as in the reference server, `isBlocked` is stored and shown only; "
    "DeviceHive's Python client unblocks what it saves.",
)
