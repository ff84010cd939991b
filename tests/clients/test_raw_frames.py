"""Frames written by hand, as a firmware would, over a real WebSocket."""

from tests.conftest import refused, success
from tests.factories import PASSWORD
from tests.server import SECONDS, Server


def test_log_in_authenticate_and_save(server: Server) -> None:
    device = server.connect()
    tokens = device.ask("token", login="bob", password=PASSWORD)
    answer = device.ask("authenticate", token=tokens["accessToken"])
    assert answer == success("authenticate")
    answer = device.ask("device/save", deviceId="firmware-1", device={"name": "Firmware"})
    assert answer == success("device/save")


def test_save_needs_a_principal(server: Server) -> None:
    answer = server.connect().ask("device/save", deviceId="nobody", device={"name": "Nobody"})
    assert answer == refused("device/save", 401, "Unauthorized")


def test_the_request_id_comes_back_as_it_was_sent(server: Server) -> None:
    request_id = '"requestId":{"a":[1,2.0,1e400,"\\u00e9"]}'
    connection = server.connect().connection
    connection.send(f'{{"action":"server/info",{request_id}}}')
    assert request_id in connection.recv(timeout=SECONDS)


def test_pipelined_frames_are_answered_in_order(server: Server) -> None:
    device = server.connect("bob")
    frames = ["device/save", "server/info", "device/save", "nonsense", "device/save"]
    for number, action in enumerate(frames):
        device.connection.send(
            f'{{"action":"{action}","requestId":{number},"deviceId":"pipe","device":{{"name":"P"}}}}'
        )
    answers = [device.read() for _ in frames]
    assert [answer["requestId"] for answer in answers] == [0, 1, 2, 3, 4]
    assert [answer["action"] for answer in answers] == frames


def test_a_save_is_seen_by_the_next_frame_of_any_connection(server: Server) -> None:
    server.connect("bob").ask("device/save", deviceId="seen", device={"name": "Seen"})
    answer = server.connect("bob").ask("device/get", deviceId="seen")
    assert answer["device"]["name"] == "Seen"
