"""Print an access token, good for a day, of a client in network 1 of this server's database."""

from datetime import timedelta

import django
from django.utils import timezone

django.setup()

from devices.models import User  # noqa: E402  # after setup, as models need
from devices.services import tokens  # noqa: E402

if __name__ == "__main__":
    user, _ = User.objects.get_or_create(login="benchmark")
    user.networks.add(1)
    pair = tokens.issue(user, tokens.scope_of(user), expiration=timezone.now() + timedelta(days=1))
    print(pair.access)
