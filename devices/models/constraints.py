"""Constraints that several tables have, so that both databases refuse the same."""

from django.db.models import CheckConstraint, Q
from django.db.models.functions import Length

from devicehive.orm.fields import CodePointCharField

CodePointCharField.register_lookup(Length)


def length_check(member: str, least: int, most: int, name: str) -> CheckConstraint:
    """Limit a length in the database: SQLite ignores `max_length`, PostgreSQL does not."""
    return CheckConstraint(
        condition=Q(**{f"{member}__length__gte": least, f"{member}__length__lte": most}), name=name
    )


def data_check(name: str) -> CheckConstraint:
    """Ensure that `data` is the text of a JSON object, or null."""
    return CheckConstraint(condition=Q(data__isnull=True) | Q(data__startswith="{"), name=name)
