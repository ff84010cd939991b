"""Settings that limit what one connection, one address and one request may use."""

from devicehive import env

MAX_MESSAGE_BYTES = env.number(
    "MAX_MESSAGE_BYTES",
    1_048_576,
    "Longest WebSocket message, and longest body of an HTTP request, that is accepted.",
    least=1_024,
)
MAX_UNSENT_BYTES = env.number(
    "MAX_UNSENT_BYTES",
    524_288,
    "A client that leaves more than this unread and reads nothing for UNSENT_SECONDS is dropped.",
    least=65_536,
)
MAX_ALL_UNSENT_BYTES = env.number(
    "MAX_ALL_UNSENT_BYTES",
    268_435_456,
    "How much all clients of a process together may leave unread; an event that several have not "
    "read counts once. Beyond it, the client that leaves most unread is dropped.",
    least=1_048_576,
)
MAX_ALL_RECEIVED_BYTES = env.number(
    "MAX_ALL_RECEIVED_BYTES",
    268_435_456,
    "How much all clients of a process together may have sent that is incomplete or not handled "
    "yet. Beyond it, the client that has sent most is dropped, unauthenticated ones first. As much "
    "again may wait for a batch; more is answered with 503.",
    least=1_048_576,
)
UNSENT_SECONDS = env.number("UNSENT_SECONDS", 4, "See MAX_UNSENT_BYTES.", least=1, most=3_600)
PING_SECONDS = env.number("PING_SECONDS", 25, "Seconds between pings to each client.", least=1)
SILENT_SECONDS = env.number(
    "SILENT_SECONDS",
    300,
    "A client that has not sent a single byte for so long is dropped; three times PING_SECONDS if "
    "that is more. Clients need not answer pings.",
    least=1,
)
AUTHENTICATE_SECONDS = env.number(
    "AUTHENTICATE_SECONDS",
    60,
    "A client that has not authenticated after so long is closed with 4408. The time in which it "
    "waits for an answer of the server does not count.",
    least=1,
)
ANONYMOUS_CONNECTIONS = env.number(
    "ANONYMOUS_CONNECTIONS",
    1_000,
    "How many WebSockets of one address may be unauthenticated; one more is refused with 429.",
    least=1,
)
CONNECTIONS_PER_SECOND = env.number(
    "CONNECTIONS_PER_SECOND",
    100,
    "How many connections one address may open per second, and ten times as many at once; more are "
    "closed before anything is read. 0 is no limit. Behind a proxy (TRUST_PROXY), the proxy has to "
    "limit them.",
)
TRUSTED_NETWORKS = env.networks(
    "TRUSTED_NETWORKS",
    ["127.0.0.0/8", "::1/128"],
    "Addresses of many clients, such as brokers: limits for one address do not apply to them.",
)
MESSAGES_PER_SECOND = env.number(
    "MESSAGES_PER_SECOND",
    0,
    "How many messages of one WebSocket, and REST requests with one token, are handled per second; "
    "more are answered with 429. 0 is no limit.",
)
WAITING_POLLS = env.number(
    "WAITING_POLLS",
    10_000,
    "How many REST polls may wait in a process, at 23 KiB each; one more is answered with 503.",
    least=1,
)
WAITING_POLLS_OF_ADDRESS = env.number(
    "WAITING_POLLS_OF_ADDRESS",
    1_000,
    "How many REST polls of one address may wait; one more is answered with 429.",
    least=1,
)
MAX_ANSWER_BYTES = env.number(
    "MAX_ANSWER_BYTES",
    16_777_216,
    "Longest list or replay in an answer; a longer one is refused while it is built.",
    least=65_536,
)
HTTP_THREADS = env.number(
    "HTTP_THREADS",
    4,
    "How many HTTP requests Django handles at once in a process, each in a thread. More wait, and "
    "too many are answered with 503.",
    least=1,
    most=64,
)
DRAIN_SECONDS = env.number(
    "DRAIN_SECONDS", 6, "Time to answer what has been received, after SIGTERM.", least=1
)
MAX_TOKEN_BYTES = env.number(
    "MAX_TOKEN_BYTES",
    65_536,
    "Longest token that is made or accepted, some 6,000 ids of networks and device types. Each "
    "connection that authenticates with a token needs some fifteen times its length in memory.",
    least=4_096,
)
LONGEST_TOKEN_SECONDS = env.number(
    "LONGEST_TOKEN_SECONDS",
    315_576_000,
    "Longest lifetime of a token that token/create makes; ten years by default.",
    least=1,
)
ENFORCE_BLOCKED = env.switch(
    "ENFORCE_BLOCKED",
    False,
    "Refuse saves, deletion, commands and notifications of a blocked device, except by an "
    "administrator. When off, as in the reference server, `isBlocked` is only stored and shown. "
    "DeviceHive's Python client unblocks every device that it saves.",
)
