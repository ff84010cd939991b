"""Required members of requests: which, in what order they are checked, and the refusals."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devicehive.protocol.actions import registry
from devicehive.protocol.bodies import Body, CheckedLater, Needed, Params, refusals_of
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devicehive.protocol.shapes import NULL, Long, Obj, Str, decode_member
from devices.refusals import CommandRefusal, DeviceRefusal, NetworkRefusal


class Inner(Body):
    name: Needed[Str, DeviceRefusal.NAME_REQUIRED]
    number: Long | None = None
    data: Obj = NULL


class Outer(Params):
    command_id: Needed[Long, CommandRefusal.ID_REQUIRED]
    inner: Needed[Inner, DeviceRefusal.EMPTY]
    device_id: Needed[Str, DeviceRefusal.ID_REQUIRED]
    network: CheckedLater[Inner] = None


COMPLETE = {"commandId": 5, "inner": {"name": "lamp"}, "deviceId": "a"}
IN_ORDER = [
    ("commandId", CommandRefusal.ID_REQUIRED),
    ("inner", DeviceRefusal.EMPTY),
    ("deviceId", DeviceRefusal.ID_REQUIRED),
]


def read(**members: object) -> Outer:
    text = msgspec.json.encode(members)
    return msgspec.json.decode(text, type=Outer, dec_hook=decode_member)


def refusal(**members: object) -> str:
    with pytest.raises(Refused) as refused:
        read(**members)
    return refused.value.text


def test_what_is_needed_is_read_as_its_plain_type() -> None:
    params = read(**COMPLETE | {"commandId": "5"})
    assert (params.command_id, params.inner.name, params.device_id) == (5, "lamp", "a")


def test_what_is_checked_later_is_none_when_absent() -> None:
    assert read(**COMPLETE).network is None


@given(
    absent=st.sets(st.sampled_from([name for name, _ in IN_ORDER]), min_size=1),
    null=st.sets(st.sampled_from([name for name, _ in IN_ORDER])),
)
def test_of_several_absences_the_first_of_the_shape_is_refused(
    absent: set[str], null: set[str]
) -> None:
    members = {name: value for name, value in COMPLETE.items() if name not in absent}
    members |= dict.fromkeys(absent & null)
    first = next(reason for name, reason in IN_ORDER if name in absent)
    assert refusal(**members) == first.text


def test_an_absence_within_an_object_has_the_place_of_the_object() -> None:
    assert refusal(commandId=5, inner={}) == DeviceRefusal.NAME_REQUIRED.text
    assert refusal(inner={}) == CommandRefusal.ID_REQUIRED.text


def test_an_absence_within_an_optional_object_is_refused() -> None:
    assert refusal(**COMPLETE, network={"number": 1}) == DeviceRefusal.NAME_REQUIRED.text


@pytest.mark.parametrize("members", [{"deviceId": []}, {"inner": {"number": "x"}}, {"inner": 5}])
def test_a_wrong_type_is_told_before_any_absence(members: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(**members)


def test_what_should_be_an_object_is_told_before_any_absence() -> None:
    assert refusal(inner={"data": 5}) == ProtocolRefusal.NOT_AN_OBJECT.text


def test_a_shape_knows_what_it_refuses() -> None:
    inner = [DeviceRefusal.NAME_REQUIRED, ProtocolRefusal.NOT_AN_OBJECT]
    assert [*refusals_of(Outer)] == [
        CommandRefusal.ID_REQUIRED,
        DeviceRefusal.EMPTY,
        *inner,
        DeviceRefusal.ID_REQUIRED,
        *inner,
    ]


def test_an_action_tells_of_the_gate_then_the_shape_then_the_service() -> None:
    assert registry["network/get"].errors == (
        ProtocolRefusal.UNAUTHORIZED,
        ProtocolRefusal.ACCESS_DENIED,
        NetworkRefusal.ID_REQUIRED,
        NetworkRefusal.NOT_FOUND,
        NetworkRefusal.TOO_MANY_DEVICES,
    )
