"""How long who has given wrong passwords must wait (R-46), by a clock that the tests set."""

from ipaddress import ip_network

import pytest
from pytest_django import Settings

from devicehive.serving.addresses import Address, address_at
from devices.services import login_failures as module
from devices.services.login_failures import LoginFailures

STRANGER = "198.51.100.7"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "monotonic", clock)
    return clock


@pytest.fixture
def failures(clock: Clock) -> LoginFailures:
    return LoginFailures()


@pytest.fixture
def stranger() -> Address:
    return address_at(STRANGER)


def fail(failures: LoginFailures, login: str, address: Address, times: int = 1) -> None:
    for _ in range(times):
        failures.fail(login, address, free=10, user_id=None)


def test_ten_are_free_and_then_each_waits_twice_as_long(
    failures: LoginFailures, stranger: Address, clock: Clock
) -> None:
    fail(failures, "bob", stranger, 9)
    waits = []
    for _ in range(12):
        fail(failures, "bob", stranger)
        waits.append(failures.seconds_to_wait("bob", stranger))
        clock.now += waits[-1]
        assert failures.seconds_to_wait("bob", stranger) == 0
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_a_success_begins_anew(failures: LoginFailures, stranger: Address) -> None:
    fail(failures, "bob", stranger, 12)
    failures.succeed("bob", stranger)
    fail(failures, "bob", stranger, 9)
    assert failures.seconds_to_wait("bob", stranger) == 0


def test_a_day_without_failures_begins_anew(
    failures: LoginFailures, stranger: Address, clock: Clock
) -> None:
    fail(failures, "bob", stranger, 30)
    clock.now += 86_400
    fail(failures, "bob", stranger, 9)
    assert failures.seconds_to_wait("bob", stranger) == 0


def test_another_address_does_not_wait(failures: LoginFailures, stranger: Address) -> None:
    fail(failures, "bob", stranger, 20)
    assert failures.seconds_to_wait("bob", address_at("198.51.100.8")) == 0
    assert failures.seconds_to_wait("alice", stranger) == 0


def test_an_address_waits_after_a_hundred_failures_in_a_minute(
    failures: LoginFailures, stranger: Address, clock: Clock
) -> None:
    for number in range(99):
        fail(failures, f"user-{number}", stranger)
    clock.now += 20
    assert failures.seconds_to_wait("bob", stranger) == 0
    fail(failures, "user-99", stranger)
    assert failures.seconds_to_wait("bob", stranger) == 40
    clock.now += 40
    assert failures.seconds_to_wait("bob", stranger) == 0


def fail_often(failures: LoginFailures, address: Address) -> None:
    for number in range(100):
        fail(failures, f"user-{number}", address)


def test_but_not_for_a_login_that_succeeded_from_it_in_the_last_day(
    failures: LoginFailures, stranger: Address, clock: Clock
) -> None:
    failures.succeed("bob", stranger)
    clock.now += 86_399
    fail_often(failures, stranger)
    assert failures.seconds_to_wait("bob", stranger) == 0
    assert failures.seconds_to_wait("charlie", stranger) == 60
    clock.now += 1
    assert failures.seconds_to_wait("bob", stranger) == 59


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "203.0.113.9"])
def test_nor_where_many_come_from(failures: LoginFailures, settings: Settings, host: str) -> None:
    settings.TRUSTED_NETWORKS = [*settings.TRUSTED_NETWORKS, ip_network("203.0.113.0/24")]
    address = address_at(host)
    fail_often(failures, address)
    assert failures.seconds_to_wait("bob", address) == 0
    fail(failures, "bob", address, 10)
    assert failures.seconds_to_wait("bob", address) == 1


def test_an_address_of_ipv6_is_a_network_of_64_bits(failures: LoginFailures, clock: Clock) -> None:
    for number in range(100):
        fail(failures, f"user-{number}", address_at(f"2001:db8::{number:x}"))
    assert failures.seconds_to_wait("bob", address_at("2001:db8::ffff")) == 60
    assert failures.seconds_to_wait("bob", address_at("2001:db8:0:1::1")) == 0


def test_a_user_is_forgotten_at_every_address(failures: LoginFailures, stranger: Address) -> None:
    other = address_at("198.51.100.8")
    for address in (stranger, other):
        for login, user_id in (("bob", 5), ("charlie", 6)):
            failures.fail(login, address, free=1, user_id=user_id)
    failures.forget(5)
    for address in (stranger, other):
        assert failures.seconds_to_wait("bob", address) == 0
        assert failures.seconds_to_wait("charlie", address) == 1


def test_where_there_is_no_room_the_oldest_is_forgotten(
    stranger: Address, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_COUNTED", 2)
    failures = LoginFailures()
    for login in ("alice", "bob", "alice", "charlie"):
        fail(failures, login, stranger, 10)
    waits = [failures.seconds_to_wait(login, stranger) for login in ("alice", "bob", "charlie")]
    assert waits == [900, 0, 1]
