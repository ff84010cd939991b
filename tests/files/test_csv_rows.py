"""Devices in CSV as spreadsheets and people write it."""

import io
from typing import Any

import msgspec
import pytest

from devicehive.protocol.refusals import Refused
from devices.files.csv_rows import FORMULA, csv_lines, read_csv
from devices.files.rows import MEMBERS, Row, WrittenRow


def read(text: str, **options: bool) -> list[tuple[str, dict[str, Any] | str]]:
    """Of each row its place, and what it gives or why it is refused."""
    lines = read_csv(io.StringIO(text, newline=""), **options)
    return [(line.place, given(line.row)) for line in lines]


def given(row: Row | Refused) -> dict[str, Any] | str:
    if isinstance(row, Refused):
        return row.text
    return {
        name: bytes(value).decode() if isinstance(value, msgspec.Raw) else value
        for name, value in zip(MEMBERS, msgspec.structs.astuple(row), strict=True)
        if value is not None and value is not msgspec.UNSET
    }


LAMP = {"id": "a-1", "name": "A", "data": '{"n": 1}', "isBlocked": True}


@pytest.mark.parametrize(
    "text",
    [
        'id,name,data,isBlocked\na-1,A,"{""n"": 1}",true\n',
        'id, name, data, isBlocked\na-1, A, "{""n"": 1}", true\n',
        'id;name;data;isBlocked\na-1;A;"{""n"": 1}";true\n',
        'id\tname\tdata\tisBlocked\na-1\tA\t"{""n"": 1}"\ttrue\n',
        'id|name|data|isBlocked\na-1|A|"{""n"": 1}"|true\n',
        'sep=;\nid;name;data;isBlocked\na-1;A;"{""n"": 1}";true\n',
        '"sep=#"\r\nid#name#data#isBlocked\r\na-1#A#"{""n"": 1}"#true\r\n',
        'ID,Name,DATA,isblocked\na-1,A,"{""n"": 1}",TRUE\n',
        '"id";"name";"data";"isBlocked"\r"a-1";"A";"{""n"": 1}";"yes"\r',
        '\n\nid,name,data,isBlocked,\n\n,,,,\na-1,A,"{""n"": 1}",1,,\n',
        'isBlocked,data,name,id\ntrue,"{""n"": 1}",A,a-1',
    ],
)
def test_one_device_as_it_is_written_anywhere(text: str) -> None:
    assert [row for _, row in read(text)] == [LAMP]


def test_the_delimiter_is_one_that_makes_a_column_of_the_id() -> None:
    text = "id;where, when, and how\na-1;here\n"
    assert read(text, ignore_unknown=True) == [("line 2", {"id": "a-1"})]


def test_an_empty_cell_gives_nothing_and_clears_only_data() -> None:
    assert read("id,name,data,networkName,networkId,isBlocked\na-1,,,,,\n") == [
        ("line 2", {"id": "a-1", "data": "null"})
    ]


def test_blanks_belong_to_cells_unless_the_whole_header_has_them() -> None:
    assert read("id,name, isBlocked\na-1, A,yes\n") == [
        ("line 2", {"id": "a-1", "name": " A", "isBlocked": True})
    ]


def test_an_absent_column_gives_nothing() -> None:
    assert read("id,name\na-1,A\n") == [("line 2", {"id": "a-1", "name": "A"})]


def test_a_row_is_found_where_it_begins() -> None:
    text = 'sep=,\n\nid,name\na-1,"A\r\nB"\n\nb-1,B,C\n'
    assert [place for place, _ in read(text)] == ["line 4", "line 7"]


@pytest.mark.parametrize("cell", ["true", "TRUE", "1", "yes", " True "])
def test_a_cell_that_means_yes_blocks(cell: str) -> None:
    assert read(f"id,isBlocked\na-1,{cell}\n") == [("line 2", {"id": "a-1", "isBlocked": True})]


@pytest.mark.parametrize("cell", ["false", "FALSE", "0", "no"])
def test_a_cell_that_means_no_unblocks(cell: str) -> None:
    assert read(f"id,isBlocked\na-1,{cell}\n") == [("line 2", {"id": "a-1", "isBlocked": False})]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("a-1,A,,,WAHR", "isBlocked: WAHR is neither true nor false"),
        ("a-1,A,,,2", "isBlocked: 2 is neither true nor false"),
        ('a-1,A,,"1,0",', "networkId: 1,0 is no id"),
        ("a-1,A,,-1,", "networkId: -1 is no id"),
        ("a-1,A,,9223372036854775808,", "networkId: 9223372036854775808 is no id"),
        ("1.2E+15,A,,,", "a spreadsheet made a number of the id and rounded it"),
        ('"1,23E+15",A,,,', "a spreadsheet made a number of the id and rounded it"),
        ("a-1,A,,", "4 cells for 5 columns"),
        ("a-1,A,,,,more", "6 cells for 5 columns"),
        ('a-1,A,"{",,', "data: Input data was truncated"),
        ("a-1,A\0,,,", "name: NUL character"),
        ("a-1,\udce4,,,", "not UTF-8, or not in the encoding that was said"),
        ('a-1,"A', "a quote is opened and never closed; the rows after it are not read"),
        ('a-1,"A"x,,,', "',' expected after '\"'"),
    ],
)
def test_a_row_that_is_not_understood(row: str, text: str) -> None:
    ((place, why),) = read(f"id,name,data,networkId,isBlocked\n{row}\n")
    assert place == "line 2"
    assert str(why).startswith(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the first line must name the columns"),
        ("\n\n", "the first line must name the columns"),
        ("sep=;\n", "the first line must name the columns"),
        ("a-1,A\n", "the first line must name the columns"),
        ("id,name,id\na-1,A,b-1\n", "two columns have the name id"),
        ("id,name,Name\na-1,A,B\n", "two columns have the name name"),
        ("id,nmae\na-1,A\n", "there is no column nmae"),
        ('id,"name\na-1,A\n', "the first line must name the columns"),
        ('[{"id": "a-1"}]', "this is JSON"),
    ],
)
def test_a_header_that_is_not_understood(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        read(text)


def test_an_unknown_column_can_be_ignored() -> None:
    assert read("id,colour,name\na-1,red,A\n", ignore_unknown=True) == [
        ("line 2", {"id": "a-1", "name": "A"})
    ]


def test_a_cell_below_no_name_is_refused() -> None:
    rows = "id,,name\na-1,,A\nb-1,x,B\n"
    assert read(rows) == [
        ("line 2", {"id": "a-1", "name": "A"}),
        ("line 3", "a cell in a column without a name: x"),
    ]


def test_blanks_of_a_name_stay_unless_all_columns_have_them() -> None:
    assert read('id,name\na-1," A "\n') == [("line 2", {"id": "a-1", "name": " A "})]


def test_the_header_of_a_file_that_was_joined_on_is_no_device() -> None:
    assert read("id,name\na-1,A\nid,name\nb-1,B\nid,Lamp\n") == [
        ("line 2", {"id": "a-1", "name": "A"}),
        ("line 3", "the names of the columns again"),
        ("line 4", {"id": "b-1", "name": "B"}),
        ("line 5", {"id": "id", "name": "Lamp"}),
    ]


def test_a_header_alone_has_no_rows() -> None:
    assert read("id,name\n") == []


NUMBERS = ["007", "1E5", "3-4", "1.50", "12:30", "12345678901234567890", "'007", "7", "0", "'7"]
NAMES = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\uff1d1",
    "'=1",
    "''=1",
    "'",
    "'tis",
    "A",
    *NUMBERS,
]


@pytest.mark.parametrize("safe_cells", [False, True])
def test_a_formula_is_read_as_it_was_stored(safe_cells: bool) -> None:
    file = io.StringIO(newline="")
    rows = [WrittenRow(f"a-{n}", name, None, name, name, False) for n, name in enumerate(NAMES)]
    file.writelines(csv_lines(rows, safe_cells=safe_cells))
    file.seek(0)
    lines = [line.row for line in read_csv(file)]
    assert all(isinstance(row, Row) for row in lines)
    assert [row.name for row in lines if isinstance(row, Row)] == NAMES
    assert [row.network_name for row in lines if isinstance(row, Row)] == NAMES


def test_safe_cells_begin_no_formula_whatever_the_delimiter() -> None:
    file = io.StringIO(newline="")
    rows = [WrittenRow("-1", name, None, "a;=1", "b\t=1", False) for name in NAMES]
    file.writelines(csv_lines(rows, safe_cells=True))
    header, *lines = file.getvalue().split("\n")
    assert header == "id,name,data,networkName,deviceTypeName,isBlocked"
    for line in lines[:-1]:
        assert line.startswith('"\'-1","')
        assert not any(FORMULA.match(cell) for cell in line[1:-1].split('","'))
        assert line.endswith(',"","a;=1","b\t=1","false"')


def test_safe_cells_are_no_numbers_that_a_spreadsheet_would_write_otherwise() -> None:
    file = io.StringIO(newline="")
    rows = [WrittenRow(number, "Lamp", None, "Home", "Lamps", False) for number in NUMBERS]
    file.writelines(csv_lines(rows, safe_cells=True))
    ids = [line.split(",")[0].strip('"') for line in file.getvalue().splitlines()[1:]]
    assert ids == [
        "'007",
        "'1E5",
        "'3-4",
        "'1.50",
        "'12:30",
        "'12345678901234567890",
        "''007",
        "7",
        "0",
        "'7",
    ]
