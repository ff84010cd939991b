"""Settings: how long messages are kept, and what is kept of devices and of the server itself."""

from devicehive import env

# What a process reads after it has missed something (`devicehive.events.peers`).
MISSED_EVENTS = "devices.services.events.missed"
MESSAGE_SECONDS = env.number(
    "MESSAGE_SECONDS",
    86_400,
    "How long commands and notifications are kept; `manage.py prune` deletes older ones.",
    least=120,
)
SAVE_NOTIFICATION_SECONDS = env.number(
    "SAVE_NOTIFICATION_SECONDS",
    600,
    "How long `$device-add` and `$device-update` are kept, the notifications of saves, if "
    "MESSAGE_SECONDS is not less. They are never replayed.",
    least=120,
)
# What deletes them.
PRUNE = "devices.services.pruning.prune"
PRUNE_SECONDS = env.number(
    "PRUNE_SECONDS",
    60,
    "Seconds between two times that a server process deletes old messages; 0 leaves it to "
    "`manage.py prune`.",
)
MESSAGE_LIST_TAKE = env.number(
    "MESSAGE_LIST_TAKE", 100, "Messages in command/list and notification/list without `take`."
)
PRESENCE_SECONDS = env.number(
    "PRESENCE_SECONDS",
    4,
    "Seconds between two times that a server process writes down which devices are there. `since` "
    "and `lastHeard` are no finer than that.",
    least=1,
    most=5,
)
# What writes it down, and what does so for the last time.
KEEP_PRESENCE = "devices.services.presence_keeping.keep"
END_PRESENCE = "devices.services.presence_keeping.end"
DEVICE_SILENT_SECONDS = env.number(
    "DEVICE_SILENT_SECONDS",
    3_600,
    "A device that is not heard of for so long has fallen silent, unless its type says another "
    "time; 0 for never.",
)
METRICS_TOKEN = env.text(
    "METRICS_TOKEN",
    "",
    "Bearer token that Prometheus has to send for `/metrics`; without one there is no such page.",
)
# What other processes of the installation have counted, and how many devices are in which state.
PROCESS_SNAPSHOTS = "devices.services.server_processes.snapshots"
DEVICE_STATES = "devices.services.presence.count_by_state"
