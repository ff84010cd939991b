"""What the tests of actions share: those of networks and device types are the same."""

import pytest

from devices.models import DeviceType, Network
from tests.handlers.kinds import DEVICE_TYPES, NETWORKS, Kind


@pytest.fixture(params=[NETWORKS, DEVICE_TYPES], ids=str)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def group(request: pytest.FixtureRequest, kind: Kind) -> Network | DeviceType:
    """bob's network, or the device type Sensors."""
    found: Network | DeviceType = request.getfixturevalue(kind.fixture)
    return found
