"""Fill a database before a measurement, with rows that the database itself generates."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from benchmarks.databases import Database
from benchmarks.running import Running

SLICE = 50_000
EXPIRED_PER_SECOND = 40_000
"""Expired notifications for each second of a round: more than a server can delete."""
OLD = timedelta(hours=1)
"""The age of expired notifications: longer than those of saves are kept by default."""
DEVICE = """
    INSERT INTO devices_device (id, name, data, network_id, device_type_id, is_blocked, generation)
    {numbers} SELECT 'device-' || n, 'Sensor device-' || n,
        '{{"count":0,"temperature":21.5,"firmware":"1.4.2","tags":["roof","north"]}}',
        1, 1, false, 1 FROM numbers
"""
NOTIFICATION = """
    INSERT INTO devices_notification (number, device_id, generation, network_id, device_type_id,
        timestamp, parameters, stored_at, origin, notification)
    {numbers} SELECT n, 'device-' || (n * 7919 % {devices}), 1, {network}, 1,
        '{moment}', '{{"count":0,"temperature":21.5,"firmware":"1.4.2","tags":["roof","north"]}}',
        '{moment}', 1, '{name}' FROM numbers
"""
EXPIRED = "devices_notification WHERE notification = 'expired'"


def fill(server: Running, notifications: int, *, said: Callable[[str], None]) -> None:
    """Insert the server's devices, and notifications of the last day that are not of saves."""
    database = server.database
    for first in range(0, server.devices, SLICE):
        said(f"{first:,} of {server.devices:,} devices")
        database.change(DEVICE.format(numbers=_numbers(first, min(SLICE, server.devices - first))))
    for first in range(0, notifications, SLICE):
        said(f"{first:,} of {notifications:,} notifications")
        count = min(SLICE, notifications - first)
        _insert(database, first, count, server.devices, network="1", name="filled")
    said("settling")
    database.settle()


def expire(server: Running, seconds: float) -> None:
    """Insert expired notifications of saves, more than the server can delete in `seconds`."""
    count = int(EXPIRED_PER_SECOND * seconds)
    for first in range(0, count, SLICE):
        number = min(SLICE, count - first)
        _insert(server.database, first, number, server.devices, network="NULL", name="expired")


def delete_expired(server: Running) -> bool:
    """Delete the expired notifications that are left, so that the server is idle while others are
    measured. Returns whether any were left."""
    ((count,),) = server.database.rows(f"SELECT count(*) FROM {EXPIRED}")
    server.database.change(f"DELETE FROM {EXPIRED}")
    return bool(count)


def _insert(
    database: Database, first: int, count: int, devices: int, *, network: str, name: str
) -> None:
    database.change(notifications(first, count, devices, network=network, name=name))


def notifications(first: int, count: int, devices: int, *, network: str, name: str) -> str:
    """The SQL that inserts `count` notifications, numbered from `first`, of all devices."""
    age = OLD if name == "expired" else timedelta()
    return NOTIFICATION.format(
        numbers=_numbers(first, count),
        devices=devices,
        network=network,
        moment=f"{datetime.now(UTC) - age:%Y-%m-%d %H:%M:%S.%f}",
        name=name,
    )


def _numbers(first: int, count: int) -> str:
    return (  # bigint, because a product of PostgreSQL's integers overflows at two billion.
        f"WITH RECURSIVE numbers(n) AS (SELECT CAST({first} AS bigint) "
        f"UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {first + count})"
    )
