"""Browsers of alice, who administers, and of those who may not."""

import pytest
from django.test import Client

from devices.models import User


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin(alice: User) -> Client:
    return browser(alice)
