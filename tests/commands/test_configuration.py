"""manage.py configuration, whose output docs/configuration.md must be."""

from django.conf import settings

from tests.commands import run


def test_the_document_is_up_to_date() -> None:
    document = settings.BASE_DIR / "docs" / "configuration.md"
    assert document.read_text() == run("configuration"), "run `make documents`"


def test_no_path_of_this_machine_is_printed() -> None:
    printed = run("configuration")
    assert "`sqlite:///var/devicehive.sqlite3`" in printed
    assert str(settings.BASE_DIR) not in printed
