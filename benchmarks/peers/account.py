"""Create a client in network 1 of this server's database, and print an access token for a day.

It also creates users who have never logged in.
"""

from datetime import timedelta

LOGIN, PASSWORD = "benchmark", "measured phrase"
NEWCOMERS = 3_000


def newcomer(number: int) -> str:
    return f"newcomer-{number}"


def main() -> None:
    import django
    from django.utils import timezone

    django.setup()

    # Imported here because models need `django.setup()`.
    from django.contrib.auth.hashers import make_password

    from devices.models import User
    from devices.services import tokens

    # Hashed once for all users: the benchmark measures log-ins, not this.
    hashed = make_password(PASSWORD)
    users = [
        User(login=login, password=hashed) for login in (LOGIN, *map(newcomer, range(NEWCOMERS)))
    ]
    User.objects.bulk_create(users, ignore_conflicts=True)
    user = User.objects.get(login=LOGIN)
    user.networks.add(1)
    pair = tokens.issue(user, tokens.scope_of(user), expiration=timezone.now() + timedelta(days=1))
    print(pair.access)


if __name__ == "__main__":
    main()
