from tests.server import migrated, server, shared_server, start_server  # noqa: F401  # fixtures
