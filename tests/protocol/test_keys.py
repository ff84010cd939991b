"""Secrets that the first start creates and later starts reuse."""

from pathlib import Path

from devicehive import keys


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert keys.kept(path) == keys.kept(path)


def test_two_installations_have_two_secrets(tmp_path: Path) -> None:
    assert keys.kept(tmp_path / "one") != keys.kept(tmp_path / "other")


def test_a_secret_that_is_there_is_used(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("devicehive\n")
    assert keys.kept(path) == "devicehive"


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    keys.kept(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_of_it_is_lost_in_the_signing_key(tmp_path: Path) -> None:
    assert len(keys.signing_key(keys.kept(tmp_path / "secret"))) == 48
