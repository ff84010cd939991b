"""Settings of what is kept, and for how long: messages, presence of devices, and metrics."""

from devicehive import env

# The function that reads events that a process has missed (`devicehive.events.peers`).
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
    "How long the notifications of saves, `$device-add` and `$device-update`, are kept, if "
    "MESSAGE_SECONDS is not less. They are never replayed.",
    least=120,
)
# The function that deletes old messages.
PRUNE = "devices.services.pruning.prune"
PRUNE_SECONDS = env.number(
    "PRUNE_SECONDS",
    60,
    "Seconds after which a server process deletes old messages again; 0 leaves that to "
    "`manage.py prune`.",
)
MESSAGE_LIST_TAKE = env.number(
    "MESSAGE_LIST_TAKE", 100, "Default of `take` in command/list and notification/list."
)
PRESENCE_SECONDS = env.number(
    "PRESENCE_SECONDS",
    4,
    "Seconds after which a server process stores again which devices are connected. `since` and "
    "`lastHeard` are not more precise than that.",
    least=1,
    most=5,
)
# The functions that store presence: every PRESENCE_SECONDS, and when the process stops.
KEEP_PRESENCE = "devices.services.presence_keeping.keep"
END_PRESENCE = "devices.services.presence_keeping.end"
DEVICE_SILENT_SECONDS = env.number(
    "DEVICE_SILENT_SECONDS",
    3_600,
    "A device that is not heard of for so long counts as silent, unless its type has another time; "
    "0 means never.",
)
METRICS_TOKEN = env.text(
    "METRICS_TOKEN",
    "",
    "Bearer token that Prometheus has to send for `/metrics`. When not set, there is no such page.",
)
# The functions for metrics of all processes of the installation, and for the number of devices in
# each state.
PROCESS_SNAPSHOTS = "devices.services.server_processes.snapshots"
DEVICE_STATES = "devices.services.presence.count_by_state"
