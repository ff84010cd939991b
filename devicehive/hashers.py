"""How passwords are hashed (ADR 26)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id as OWASP recommends it for servers: some 25 ms of one core and 19 MiB a hash.

    Django's own takes 100 MiB and four cores.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
