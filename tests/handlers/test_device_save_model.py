"""device/save against a model of it in plain Python: any saves by anyone, alone and together."""

from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from devices.models import Device, DeviceType, Network, User
from tests.conftest import Connection, connected
from tests.factories import DEVICE_MEMBERS
from tests.handlers.test_device_save import (
    ID_CHARACTERS,
    ID_LENGTH,
    INVALID,
    NAME_LENGTH,
    NAME_REQUIRED,
    NO_DEVICE,
    NO_NETWORK,
    NO_TYPE,
    UNKNOWN,
    answered,
    batch,
)
from tests.thorough import examples

Refusal = tuple[int, str] | None


class Person(NamedTuple):
    """Who saves, and what that person's user and token allow."""

    connection: Connection
    networks: set[int]
    """Memberships; for an administrator those that give a default."""
    admin: bool = False
    listed: set[int] | None = None
    """Networks in the token; None is no limit."""
    types: set[int] | None = None


class World(NamedTuple):
    people: dict[str, Person]
    networks: set[int]
    types: set[int]

    def may_use(self, person: Person, network: int) -> bool:
        return (person.admin or network in person.networks) and (
            person.listed is None or network in person.listed
        )

    def network_of(self, person: Person, given: int | None, kept: int | None) -> int | Refusal:
        if given is not None:
            if given not in self.networks:
                return INVALID
            return given if self.may_use(person, given) else NO_NETWORK
        if kept is not None:
            return kept
        own = person.networks if person.listed is None else person.networks & person.listed
        return min(own, default=None) or NO_NETWORK

    def type_of(self, person: Person, given: int | None, kept: int | None) -> int | Refusal:
        allowed = self.types if person.types is None else person.types
        if given is not None:
            if given not in self.types:
                return INVALID
            return given if given in allowed else NO_TYPE
        return kept or min(allowed, default=None) or NO_TYPE

    def save(
        self, rows: dict[str, dict[str, Any]], who: str, device_id: str, given: dict[str, Any]
    ) -> Refusal:
        """What the protocol says becomes of `rows`, and the refusal if any."""
        person = self.people[who]
        row: Any = rows.get(device_id)
        if " " in device_id:
            return ID_CHARACTERS
        network = self.network_of(person, given["networkId"], row and row["network_id"])
        if isinstance(network, tuple):
            return network
        type_ = self.type_of(person, given["deviceTypeId"], row and row["device_type_id"])
        if isinstance(type_, tuple):
            return type_
        name = given["name"]
        too_long = name is not None and not 1 <= len(name) <= 128
        if row is None:
            wrong = [NAME_REQUIRED] * (name is None) + [NAME_LENGTH] * too_long
            wrong += [ID_LENGTH] * (len(device_id) > 48)
            if wrong:
                return 400, "".join(text for _, text in wrong)
        else:
            if not self.may_use(person, row["network_id"]):
                return NO_DEVICE
            if person.types is not None and row["device_type_id"] not in person.types:
                return NO_DEVICE
            if too_long:
                return NAME_LENGTH
        old = row or {"name": None, "is_blocked": False}
        rows[device_id] = {
            "id": device_id,
            "name": old["name"] if name is None else name,
            "data": None if given["data"] is None else "{}",
            "network_id": network,
            "device_type_id": type_,
            "is_blocked": old["is_blocked"] if given["isBlocked"] is None else given["isBlocked"],
        }
        return None


@pytest.fixture
def world(
    alice: User, bob: User, charlie: User, network: Network, device_type: DeviceType
) -> World:
    """alice may all; bob owns two networks, in one token only the second; charlie has none;
    dora shares bob's first network and may use one type."""
    second = Network.objects.create(name="second")
    bob.networks.add(second)
    dora = User.objects.create(login="dora", all_device_types_available=False)
    dora.networks.add(network)
    dora.device_types.add(device_type)
    both = {network.pk, second.pk}
    return World(
        people={
            "alice": Person(connected(alice), {1}, admin=True),
            "bob": Person(connected(bob), both, listed=both),
            "bob in the second": Person(
                connected(bob, n=(str(second.pk),)), both, listed={second.pk}
            ),
            "bob by membership": Person(connected(bob, n=None), both),
            "charlie": Person(connected(charlie), set(), listed=set()),
            "dora": Person(
                connected(dora), {network.pk}, listed={network.pk}, types={device_type.pk}
            ),
        },
        networks={1, *both},
        types=set(DeviceType.objects.values_list("id", flat=True)),
    )


def machine(world: World) -> type[RuleBasedStateMachine]:
    def one_in_three(*values: object) -> st.SearchStrategy[object]:
        return st.sampled_from([None] * 2 * len(values) + [*values])

    saves = st.tuples(
        st.sampled_from(sorted(world.people)),
        st.sampled_from(["lamp", "lamp", "sun", "x" * 49, "a b"]),
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(["Lamp", "Sun", "Moon", None, "", "x" * 129]),
                "data": one_in_three({}),
                "networkId": one_in_three(*sorted(world.networks), UNKNOWN),
                "deviceTypeId": one_in_three(*sorted(world.types)[-2:], UNKNOWN),
                "isBlocked": one_in_three(True, False),
            }
        ),
    )

    class Saves(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            Device.objects.all().delete()
            self.rows: dict[str, dict[str, Any]] = {}

        @rule(save=saves)
        def alone(self, save: tuple[str, str, dict[str, Any]]) -> None:
            who, device_id, given = save
            answer = world.people[who].connection.ask(
                "device/save", deviceId=device_id, device=given
            )
            assert answered(answer) == world.save(self.rows, *save)
            self.compare()

        @rule(saves=st.lists(saves, min_size=2, max_size=5))
        def together(self, saves: list[tuple[str, str, dict[str, Any]]]) -> None:
            queued = [save for save in saves if " " not in save[1]]
            results = batch(
                *((world.people[who].connection, id_, given) for who, id_, given in queued)
            )
            assert results == [world.save(self.rows, *save) for save in queued]
            self.compare()

        @rule(device_id=st.sampled_from(["lamp", "sun"]))
        def delete(self, device_id: str) -> None:
            answer = world.people["alice"].connection.ask("device/delete", deviceId=device_id)
            assert (answer["status"] == "success") == (self.rows.pop(device_id, None) is not None)
            self.compare()

        def compare(self) -> None:
            assert {row["id"]: row for row in Device.objects.values(*DEVICE_MEMBERS)} == self.rows

    return Saves


def test_any_saves_by_anyone(world: World) -> None:
    run_state_machine_as_test(
        machine(world),
        settings=settings(
            max_examples=examples(40), stateful_step_count=12, phases=[Phase.generate, Phase.shrink]
        ),
    )
