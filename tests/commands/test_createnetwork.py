"""manage.py createnetwork."""

import pytest
from django.core.management import CommandError

from devices.models import Network
from tests.commands import run

pytestmark = pytest.mark.django_db


def test_a_network_is_created() -> None:
    printed = run("createnetwork", "Greenhouse", "--description", "Behind the barn")
    network = Network.objects.get(name="Greenhouse")
    assert printed == f"Created the network Greenhouse; its id is {network.id}.\n"
    assert network.description == "Behind the barn"


def test_the_description_may_be_left_out() -> None:
    run("createnetwork", "Greenhouse")
    assert Network.objects.get(name="Greenhouse").description is None


def test_a_name_is_given_once() -> None:
    with pytest.raises(CommandError, match="Network with such name already exists"):
        run("createnetwork", "Sample Network")


def test_a_name_has_at_most_128_characters() -> None:
    with pytest.raises(CommandError, match="The length of name should not be more than 128"):
        run("createnetwork", "n" * 129)
