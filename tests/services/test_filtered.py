"""What is filtered is what a queryset would find, and is compiled once for the like of it."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F, QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devicehive.orm.filtered import Filtered
from devices.models import Command, Device
from tests.services.test_compiled import awkward, lamp, texts

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_devices(db: None) -> None:
    Device.objects.all().delete()


def ids(found: Filtered[Device] | QuerySet[Device]) -> list[str]:
    return [device.id for device in found]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(texts | awkward, min_size=1, max_size=5), pattern=texts | awkward)
def test_any_text_means_what_it_means_to_a_queryset(names: list[str], pattern: str) -> None:
    Device.objects.all().delete()
    Device.objects.bulk_create(lamp(f"d{number}", name) for number, name in enumerate(names))
    for conditions in (
        {"name": names[0]},
        {"name__among": names[1:]},
        {"name__like": pattern, "name__among": names},
    ):
        found = Filtered(Device).filter(**conditions).order_by("id")
        assert ids(found) == ids(found.queryset)
        assert found.count() == found.queryset.count()


def test_slices() -> None:
    Device.objects.bulk_create(lamp(f"d{number:03}", "Lamp") for number in range(250))
    found, stored = (Filtered(Device).order_by("-id"), Device.objects.order_by("-id"))
    assert ids(found) == ids(stored)
    for start, stop in ((0, 0), (0, 1), (3, 20), (10, 240), (249, 300), (300, 310)):
        assert ids(found[start:stop]) == ids(stored[start:stop])
    assert found.count() == 250
    assert found.first() == stored.first()


def test_who_has_read_enough_leaves_the_rest() -> None:
    Device.objects.bulk_create(lamp(f"d{number:04}", "Lamp" * 30) for number in range(5_000))
    found = Filtered(Device).order_by("id")
    with closing(found.rows("id", "name")) as rows:
        assert next(rows) == ("d0000", "Lamp" * 30)
    assert found.count() == 5_000
    assert len(list(found.rows("id"))) == 5_000


def test_what_is_asked_for_is_as_django_has_it() -> None:
    """Booleans and moments, which SQLite has as numbers and texts."""
    lamps = [lamp("a", "A", None), lamp("b", "B", "{}")]
    lamps[1].is_blocked = True
    Device.objects.bulk_create(lamps)
    columns = ("id", "data", "is_blocked")
    found = Filtered(Device).order_by("id").rows(*columns)
    assert list(found) == [("a", None, False), ("b", "{}", True)]


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_moments_are_compared_as_moments(seconds: int) -> None:
    Command.objects.create(
        number=1, device_id="a", command="dim", user_id=1, timestamp=START, last_updated=START,
        stored_at=START,
    )  # fmt: skip
    since = START + timedelta(seconds=seconds)
    found = Filtered(Command).filter(timestamp__gte=since)
    assert [each.timestamp for each in found] == [START] * (seconds <= 0)
    assert found.count() == found.queryset.count()


def test_nothing() -> None:
    Device.objects.bulk_create([lamp("a", "A")])
    nothing = Filtered(Device).filter(name="A").none()
    assert (ids(nothing), nothing.count(), nothing.first()) == ([], 0, None)
    assert not nothing.queryset.exists()


def test_the_like_is_built_once() -> None:
    built: list[object] = []

    def named(devices: QuerySet[Device], name: str) -> QuerySet[Device]:
        built.append(name)
        return devices.filter(name=name)

    Device.objects.bulk_create([lamp("a", "A"), lamp("b", "B"), lamp("c", "B")])
    found = [Filtered(Device).where(named, name).order_by("id") for name in ("A", "B", "C")]
    assert list(map(ids, found)) == [["a"], ["b", "c"], []]
    assert len(built) == 1
    by_name = Filtered(Device).where(named, "B").order_by(F("name").desc(), "-id")
    assert ids(by_name) == ["c", "b"]
    assert len(built) == 2
