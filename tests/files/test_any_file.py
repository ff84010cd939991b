"""A file of any bytes is read or refused, and never fails otherwise."""

from io import FileIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from devicehive.protocol.refusals import Refused
from devices.files.formats import READERS
from devices.files.rows import Row, agreeing
from devices.files.texts import read_texts
from tests.thorough import examples

MARKS = [*",;\t\"'\n\r{}[]:=|\\\0\ud800\ufeff", "\r\n", "sep=;", "\\u0000", "\\ud800"]
WORDS = ["id", "name", "data", "isBlocked", "networkId", '"a"', "é", "1e9", "true", "null", "WAHR"]
ROWS = ['{"id":"a-1"}', '{"id":"a-1","data":{}}', "a-1,A,{},true"]
PIECES = st.sampled_from(MARKS + WORDS + ROWS).map(lambda text: text.encode(errors="surrogatepass"))
CONTENT = st.binary(max_size=40) | st.lists(PIECES, max_size=25).map(b"".join)
HEADED = st.builds(
    lambda header, rest, encoding: (header + rest.decode("utf-8", "replace")).encode(encoding),
    st.sampled_from(["id,name,data,isBlocked\n", "id;name\r\n", '{"id":"a-1"}\n', "["]),
    CONTENT,
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]),
)


@pytest.mark.parametrize("form", READERS)
@pytest.mark.parametrize("ignore_unknown", [False, True])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(200))
@given(content=CONTENT | HEADED, encoding=st.sampled_from([None, "cp1252", "ascii", "utf-16"]))
@example(content=b'[{"\\ud800": 1}]', encoding=None)
@example(content=b'{"id":"a-1","\\u003a":1,"a":"\\ud800"}', encoding=None)
def test_a_file_is_read_or_refused(
    tmp_path: Path, form: str, ignore_unknown: bool, content: bytes, encoding: str | None
) -> None:
    (tmp_path / "file").write_bytes(content)
    with FileIO(tmp_path / "file") as file:
        texts = read_texts(file, encoding, progress=lambda _: None)
        try:
            lines = list(agreeing(READERS[form](texts, ignore_unknown=ignore_unknown)))
        except Refused:
            return
    assert all(isinstance(line.row, Row | Refused) for line in lines)
