"""The limit of open files, which limits the number of connections."""

import resource

CONNECTIONS = 10_000
OTHER_FILES = 200


def raise_file_limit() -> None:
    """Raise the limit as far as the system allows, for this process and servers started later."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def most_connections() -> int:
    now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(CONNECTIONS, now - OTHER_FILES)
