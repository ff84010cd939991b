"""How many files may be open, which is how many connections there can be."""

import resource

CONNECTIONS = 10_000
OTHER_FILES = 200


def raise_file_limit() -> None:
    """As far as the system allows: here and, inherited, in servers that are started later."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def most_connections() -> int:
    now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(CONNECTIONS, now - OTHER_FILES)
