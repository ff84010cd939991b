"""Statements as text mean the same on both databases, whatever the values."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devicehive.orm.compiled import InsertRows, Select, execute, many
from devicehive.orm.dialects import array_literal
from devices.models import Device, Network
from tests.thorough import examples

INSERT = InsertRows(Device)
REPLACE = InsertRows(Device, replacing=["id"])
LEAVE = InsertRows(Device, leaving=True)
KEEPING_NAMES = InsertRows(Device, replacing=["id"], keeping=["name"])
NAMES = Select(
    lambda names: Device.objects.filter(name__among=names).order_by("id").values_list("id")
)

# What PostgreSQL stores; a frame with anything else is refused.
texts = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20
)
awkward = st.sampled_from(
    ["NULL", "null", '"', "\\", '\\"', "{}", "{a,b}", ",", " ", "'", "%s", "%"]
)


def lamp(id_: str, name: str, data: str | None = None) -> Device:
    return Device(id=id_, name=name, data=data, network_id=1, device_type_id=1)


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(texts | awkward, max_size=5))
def test_any_text_is_written_and_found(db: None, names: list[str]) -> None:
    Device.objects.all().delete()
    execute(INSERT.of([lamp(f"d{number}", name) for number, name in enumerate(names)]))
    stored = Device.objects.order_by("id").values_list("name", flat=True)
    assert list(stored) == names
    (found,) = execute(NAMES.among(names))
    assert len(found) == len(names)


def test_absent_values(db: None) -> None:
    execute(INSERT.of([lamp("a", "A", None), lamp("b", "B", "{}")]))
    stored = Device.objects.filter(id__in="ab").order_by("id").values_list("data", flat=True)
    assert list(stored) == [None, "{}"]


def test_nothing_is_asked_for_no_values(db: None, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert execute(NAMES.among([]), INSERT.of([])) == [[], []]


def test_rows_that_exist_are_left_as_they_are(db: None) -> None:
    execute(INSERT.of([lamp("a", "A")]))
    execute(LEAVE.of([lamp("a", "B"), lamp("b", "C")]))
    stored = Device.objects.filter(id__in="ab").order_by("id").values_list("name", flat=True)
    assert list(stored) == ["A", "C"]


def test_rows_that_exist_are_replaced(db: None) -> None:
    execute(INSERT.of([lamp("a", "A")]))
    execute(REPLACE.of([lamp("a", "B"), lamp("b", "C")]))
    stored = Device.objects.filter(id__in="ab").order_by("id").values_list("name", flat=True)
    assert list(stored) == ["B", "C"]


def test_columns_that_are_kept_are_written_in_new_rows_only(db: None) -> None:
    execute(INSERT.of([lamp("a", "A", "{}")]))
    execute(KEEPING_NAMES.of([lamp("a", "B"), lamp("b", "C")]))
    stored = Device.objects.filter(id__in="ab").order_by("id").values_list("name", "data")
    assert list(stored) == [("A", None), ("C", None)]


@pytest.mark.parametrize("count", [1, 2, 2_000])
def test_any_number_of_rows(db: None, count: int) -> None:
    execute(INSERT.of([lamp(f"d{number}", "D") for number in range(count)]))
    (found,) = execute(NAMES.among(["D"]))
    assert len(found) == count


def test_each_statement_has_its_own_rows(db: None, network: Network) -> None:
    execute(INSERT.of([lamp("a", "A"), lamp("b", "B")]))
    answers = execute(NAMES.among(["A"]), NAMES.among([]), NAMES.among(["C"]), NAMES.among(["B"]))
    assert answers == [[("a",)], [], [], [("b",)]]


def test_numbers_among_many(db: None, network: Network) -> None:
    found = Network.objects.filter(id__among=many([1, network.id, 2**63 - 1, -1]))
    assert set(found.values_list("id", flat=True)) == {1, network.id}


def test_no_value_becomes_two() -> None:
    assert array_literal(["a\0b", "c"]) == '{"a\0b","c"}'
