"""The frames that are read without autobahn, against those that the library `websockets` writes."""

from hypothesis import assume, given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from devicehive.serving.text_frames import read_text

texts = st.text(max_size=200) | st.text(max_size=3).map(lambda text: text * 9_000)


def frame(payload: bytes, opcode: Opcode = Opcode.TEXT, *, fin: bool = True) -> bytes:
    return Frame(opcode, payload, fin).serialize(mask=True)


@given(texts, st.binary(max_size=20))
def test_a_text_in_one_frame_is_read_up_to_its_end(text: str, more: bytes) -> None:
    assume(len(text.encode()) < 65_536)
    data = frame(text.encode())
    assert read_text(data + more) == (text, len(data))


@given(texts, st.data())
def test_a_frame_that_is_not_complete_is_not_read(text: str, data: st.DataObject) -> None:
    whole = frame(text.encode())
    assert read_text(whole[: data.draw(st.integers(0, len(whole) - 1))]) is None


others = st.sampled_from(
    [
        (Opcode.TEXT, False),
        (Opcode.BINARY, True),
        (Opcode.BINARY, False),
        (Opcode.CONT, True),
        (Opcode.CONT, False),
        (Opcode.PING, True),
        (Opcode.PONG, True),
        (Opcode.CLOSE, True),
    ]
)


@given(st.binary(max_size=100), others)
def test_any_other_frame_is_left_to_autobahn(payload: bytes, kind: tuple[Opcode, bool]) -> None:
    opcode, fin = kind
    assert read_text(frame(payload, opcode, fin=fin)) is None


def test_what_no_client_may_send_is_left_to_autobahn() -> None:
    unmasked = Frame(Opcode.TEXT, b"a text").serialize(mask=False)
    reserved_bit = bytes([0xC1]) + frame(b"a text")[1:]
    longer_than_need_be = bytes([0x81, 0xFE, 0, 6]) + frame(b"a text")[2:]
    no_utf8 = frame(b"\xff")
    half_a_surrogate_pair = frame(b"\xed\xa0\x80")
    for data in (unmasked, reserved_bit, longer_than_need_be, no_utf8, half_a_surrogate_pair):
        assert read_text(data) is None


def test_a_text_of_64_kib_is_left_to_autobahn() -> None:
    assert read_text(frame(b"a" * 65_536)) is None
