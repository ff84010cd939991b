"""Malformed input is answered or closed as the protocol says, on each database alike."""

import json

import pytest
from websockets.exceptions import ConnectionClosed

from tests.conftest import refused, success
from tests.faults.raw_socket import BINARY, CLOSE, CONTINUATION, TEXT, frame, raw_socket
from tests.server import SECONDS, Server, Socket

MALFORMED = {"status": "error", "code": 400, "error": "Malformed Json received."}
MIB = 1 << 20


def save(members: str, device_id: str = "odd") -> str:
    return (
        f'{{"action":"device/save","requestId":1,"deviceId":"{device_id}","device":{{{members}}}}}'
    )


def assert_lives(socket: Socket) -> None:
    answer = socket.ask("device/save", deviceId="after", device={"name": "After"})
    assert answer == success("device/save")


@pytest.mark.parametrize(
    "text",
    [
        "not a Json",
        '{"a":tru',
        '{"action":"server/info"} trailing',
        '{"action":"server/info",}',
        "{'action':'server/info'}",
        '{"action":"server/info","requestId":NaN}',
        "",
        "   ",
        "1",
        "[]",
        "null",
        '"text"',
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"action":"server/info","a":' + "[" * 100_000 + "]" * 100_000 + "}",
        save('"name":"\\ud800"'),
        save('"name":"a","data":{"a":"\\udc00"}'),
        "\0",
    ],
    ids=lambda text: repr(text[:40]),
)
def test_what_is_no_json_object_is_answered_so(server: Server, text: str) -> None:
    socket = server.connect("bob")
    assert socket.send(text) == MALFORMED
    assert_lives(socket)


@pytest.mark.parametrize(
    "text",
    [
        save('"name":"a\\u0000b"'),
        save('"name":"a","networkId":123456789012345678901234567890'),
        save('"name":"a","networkId":1e400'),
        save('"name":"a","networkId":1.5'),
        save('"name":"a","isBlocked":1'),
        save('"name":"a","data":' + '{"a":' * 101 + "1" + "}" * 101),
        save('"name":{}'),
        '{"action":"device/save","requestId":1,"deviceId":"odd","device":[]}',
        '{"action":"device/get","requestId":1,"deviceId":{}}',
    ],
    ids=lambda text: text[65:105],
)
def test_what_has_the_wrong_type_is_answered_so(server: Server, text: str) -> None:
    socket = server.connect("bob")
    answer = socket.send(text)
    assert answer == refused(answer["action"], 400, "Malformed Json received.")
    assert_lives(socket)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (save('"name":"a","data":[1]'), "'parameters' must be JSON Object!"),
        (
            save(f'"name":"{"a" * 129}"'),
            "Field cannot be empty. The length of name should not be more than 128 symbols.",
        ),
        (
            save('"name":"a"', device_id="a" * 49),
            "Field cannot be empty. The length of guid should not be more than 48 symbols.",
        ),
        (save('"name":"a"', "ö"), "Device Id can only contain letters, digits and dashes."),
        (save('"name":"a"', "a\\n"), "Device Id can only contain letters, digits and dashes."),
        (save('"name":"a","networkId":9223372036854775807'), "Invalid request parameters"),
    ],
    ids=lambda text: text[:60],
)
def test_what_breaks_a_rule_is_answered_so(server: Server, text: str, error: str) -> None:
    socket = server.connect("bob")
    assert socket.send(text) == refused("device/save", 400, error)
    assert_lives(socket)


def test_data_comes_back_as_it_was_sent(server: Server) -> None:
    data = '{"z":1,"a":123456789012345678901234567890,"nul":"\\u0000","float":1.0}'
    socket = server.connect("bob")
    assert socket.send(save(f'"name":"Odd","data":{data}', "kept")) == success("device/save")
    socket.connection.send('{"action":"device/get","deviceId":"kept"}')
    assert f'"data":{data}' in str(socket.connection.recv(timeout=SECONDS))


def test_characters_outside_the_basic_plane_come_back(server: Server) -> None:
    socket = server.connect("bob")
    socket.ask("device/save", deviceId="plane", device={"name": "Lampe 💡 ü"})
    assert socket.ask("device/get", deviceId="plane")["device"]["name"] == "Lampe 💡 ü"


def close_code(server: Server, message: str | bytes) -> int:
    socket = server.connect("bob")
    socket.connection.send(message)
    with pytest.raises(ConnectionClosed) as closed:
        socket.connection.recv(timeout=SECONDS)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_a_message_over_one_mib_is_too_big(server: Server) -> None:
    assert close_code(server, "a" * 2 * MIB) == 1009


def test_a_message_of_many_fragments_is_too_big_too(server: Server) -> None:
    with raw_socket(server) as client:
        client.socket.sendall(frame("a" * MIB, final=False))
        client.socket.sendall(frame("a", CONTINUATION))
        assert client.close_code() == 1009


def test_a_message_of_one_mib_is_not(server: Server) -> None:
    socket = server.connect("bob")
    answer = socket.send(
        save('"name":"a","unknown":"').replace('"}}', '"').ljust(MIB - 3, "x") + '"}}'
    )
    assert answer == success("device/save")


def test_a_binary_message_is_not_supported(server: Server) -> None:
    assert close_code(server, b"{}") == 1003


def test_a_binary_message_does_not_take_earlier_answers_away(server: Server) -> None:
    with raw_socket(server, "bob") as client:
        client.socket.sendall(frame(save('"name":"First"', "first")) + frame(b"{}", BINARY))
        assert json.loads(client.read()[1]) == success("device/save")
        assert client.close_frame() == (1003, "Binary messages not supported")


def test_text_must_be_utf_8(server: Server) -> None:
    with raw_socket(server) as client:
        client.socket.sendall(frame(b'{"action":"\xff"}'))
        assert client.close_code() == 1007


def test_fragments_make_a_message(server: Server) -> None:
    with raw_socket(server, "bob") as client:
        first, second, third = save('"name":"Fra'), "gmé".encode(), 'nts"}}'
        client.socket.sendall(frame(first.removesuffix("}}"), TEXT, final=False))
        client.socket.sendall(frame(second[:3], CONTINUATION, final=False))
        client.socket.sendall(frame(second[3:] + third.encode(), CONTINUATION))
        assert json.loads(client.read()[1]) == success("device/save")
        answer = client.ask("device/get", deviceId="odd")
        assert answer["device"]["name"] == "Fragménts"


def test_an_answer_may_be_longer_than_a_message(server: Server) -> None:
    socket = server.connect("bob")
    for number in range(4):
        device = {"name": "Big", "data": {"text": "x" * 400_000}}
        socket.ask("device/save", deviceId=f"big-{number}", device=device)
    answer = socket.ask("device/list", name="Big")
    assert [len(device["data"]["text"]) for device in answer["devices"]] == [400_000] * 4


@pytest.mark.parametrize(
    "payload",
    [b"\x00", b"\x03\xec", b"\x03\xed", b"\x03\xee", b"\x03\xf7", b"\x0b\xb7", b"\x13\x88"],
    ids=["one byte", "1004", "1005", "1006", "1015", "2999", "5000"],
)
def test_an_illegal_close_is_answered_so_after_the_answers_to_what_came_before(
    server: Server, payload: bytes
) -> None:
    with raw_socket(server, "bob") as client:
        client.socket.sendall(frame(save('"name":"Last"')) + frame(payload, CLOSE))
        assert json.loads(client.read()[1]) == success("device/save")
        assert client.close_code() == 1002
        assert client.stream.read() == b""


def test_the_reason_of_a_close_must_be_utf_8(server: Server) -> None:
    with raw_socket(server) as client:
        client.socket.sendall(frame(b"\x03\xe8\xff", CLOSE))
        assert client.close_code() == 1007


@pytest.mark.parametrize(
    ("violation", "code"),
    [
        (b"\x81\x00", 1002),
        (b"\xc1\x80" + bytes(4), 1002),
        (b"\x83\x80" + bytes(4), 1002),
        (frame("", CONTINUATION), 1002),
        (frame("\N{EURO SIGN}".encode()[:2]), 1007),
        (frame("x" * 2 * MIB), 1009),
    ],
    ids=["unmasked", "reserved bit", "reserved opcode", "continuation", "no UTF-8", "too long"],
)
def test_a_violation_takes_no_earlier_answers_away(
    server: Server, violation: bytes, code: int
) -> None:
    with raw_socket(server, "bob") as client:
        client.socket.sendall(frame(save('"name":"Last"')) + violation)
        assert json.loads(client.read()[1]) == success("device/save")
        assert client.close_code() == code
        assert client.stream.read() == b""


def test_a_close_takes_no_earlier_answers_away(server: Server) -> None:
    with raw_socket(server, "bob") as client:
        client.socket.sendall(frame(save('"name":"Last"')) + frame(b"\x03\xe8", CLOSE))
        assert json.loads(client.read()[1]) == success("device/save")
        assert client.close_code() == 1000
        assert client.stream.read() == b""
