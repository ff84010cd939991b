"""server/cacheInfo (protocol, 5.1.2)."""

import re

from tests.conftest import Connection


def test_anyone_may_ask_for_the_cache(anonymous: Connection) -> None:
    answer = anonymous.ask("server/cacheInfo")
    assert answer["status"] == "success"
    assert answer["cacheInfo"].keys() == {"serverTimestamp", "cacheStats"}


def test_the_cache_is_described_in_words(anonymous: Connection) -> None:
    assert isinstance(anonymous.ask("server/cacheInfo")["cacheInfo"]["cacheStats"], str)


def test_the_time_is_utc_in_milliseconds_without_a_zone(anonymous: Connection) -> None:
    time = anonymous.ask("server/cacheInfo")["cacheInfo"]["serverTimestamp"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", time)
