"""Create the tables, a network and a device type, and print an access token."""

import django
from django.core.management import call_command

django.setup()

from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402

from benchmarks.peers.naive.models import DeviceType, Network  # noqa: E402

if __name__ == "__main__":
    call_command("migrate", run_syncdb=True, verbosity=0)
    Network.objects.get_or_create(id=1, name="Network")
    DeviceType.objects.get_or_create(id=1, name="Device type")
    token = AccessToken()
    token["user_id"] = 1
    print(token)
