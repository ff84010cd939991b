"""What the documents say of each action is true: the frames of the whole suite are the evidence.

The errors of an action, what it needs and what strangers get are declared once, where the action
is. Here each declaration is looked for among the answers that the other tests have seen, so these
tests run last, and only with the rest of the suite; tests/workers.py sees to it.
"""

import re
from collections.abc import Iterable

import pytest

from devicehive.documents.described import Member, described
from devicehive.documents.schemas import schema_of
from devicehive.protocol.actions import Action, registry
from devicehive.protocol.refusals import (
    INVALID,
    HttpRefusal,
    LaterRefusal,
    ProtocolRefusal,
    Refusal,
    Rule,
)
from devices.files.refusals import FileRefusal, RowRefusal
from devices.refusals import ConfigurationRefusal, DeviceRefusal, PollRefusal, StrangerRefusal
from devices.routes import RestRefusal
from tests import exchanges
from tests.exchanges import Exchange
from tests.workers import is_whole

ANY_ACTION = {
    ProtocolRefusal.MALFORMED,
    ProtocolRefusal.ANSWER_TOO_LARGE,
    ProtocolRefusal.TOKEN_EXPIRED,
    LaterRefusal.TOO_MANY_MESSAGES,
    ProtocolRefusal.INTERNAL,
    LaterRefusal.UNAVAILABLE,
    LaterRefusal.STORAGE_FULL,
}
NO_ACTION = {
    ProtocolRefusal.ILLEGAL_ARGUMENT,
    ProtocolRefusal.ACTION_MISSING,
    LaterRefusal.TOO_MANY_REQUESTS,
}
"""Told before it is known what is asked for."""
OF_THE_ADMIN = {DeviceRefusal.ID_TAKEN, ConfigurationRefusal.NAME_TAKEN}
SHOWS_ITSELF_ONLY = {"user/getCurrent"}

every_action = pytest.mark.parametrize("name", sorted(registry))


@pytest.fixture
def noted(request: pytest.FixtureRequest) -> set[Exchange]:
    if not request.config.stash[is_whole]:
        pytest.skip("needs the answers that the other tests get: run the whole suite")
    return exchanges.noted


def of(name: str, noted: Iterable[Exchange]) -> list[Exchange]:
    return [each for each in noted if each.action == name]


def pattern(reason: Refusal) -> str:
    values = re.escape(reason.text).replace("%s", ".*")
    return rf"\nOn property \w+ \(value: .*\): {values} ; " if isinstance(reason, Rule) else values


def reasons(action: Action, exchange: Exchange) -> set[Refusal]:
    """The errors of the action that an answer tells; some tell several in a row."""
    possible = {*action.errors, *ANY_ACTION}
    text = (exchange.error or "").removeprefix(INVALID)
    alone = {r for r in possible if re.fullmatch(pattern(r), text, re.DOTALL)}
    if alone:
        return {reason for reason in alone if reason.code == exchange.code}
    row = f"(?:{'|'.join(map(pattern, possible))})+"
    if not re.fullmatch(row, text, re.DOTALL):
        return set()
    return {r for r in possible if re.search(pattern(r), text, re.DOTALL)}


@every_action
def test_each_documented_error_is_tested(name: str, noted: set[Exchange]) -> None:
    action = registry[name]
    seen = {reason for each in of(name, noted) for reason in reasons(action, each)}
    assert {*action.errors, ProtocolRefusal.MALFORMED} - seen == set()


@every_action
def test_no_other_error_is_answered(name: str, noted: set[Exchange]) -> None:
    failed = [each for each in of(name, noted) if each.code is not None]
    assert [(f.code, f.error) for f in failed if not reasons(registry[name], f)] == []


@pytest.mark.parametrize("name", sorted(name for name, action in registry.items() if action.needs))
def test_a_stranger_gets_nothing(name: str, noted: set[Exchange]) -> None:
    tried = [each for each in of(name, noted) if each.login == "charlie"]
    assert tried, "no test asks as charlie"
    kept_out = [each for each in tried if each.code in (401, 403, 404) or each.is_empty]
    assert kept_out or name in SHOWS_ITSELF_ONLY


def members(action: Action) -> dict[str, bool]:
    """The members of a request, and whether each is needed; of objects in it too."""
    schema = schema_of(action.params)
    found = {}
    for name, member in schema["properties"].items():
        found[name] = name in schema["required"]
        for inner in member.get("properties", {}):
            found[f"{name}.{inner}"] = inner in member["required"]
    return found


@every_action
def test_needed_members_are_those_without_which_nothing_succeeds(
    name: str, noted: set[Exchange]
) -> None:
    succeeded = [each.given for each in of(name, noted) if each.code is None]
    assert succeeded, "no test of success"
    never_absent = {
        member
        for member in members(registry[name])
        if all(member in given for given in succeeded if _holds_parent(member, given))
    }
    assert never_absent == {member for member, needed in members(registry[name]).items() if needed}


def _holds_parent(member: str, given: frozenset[str]) -> bool:
    parent, dot, _ = member.rpartition(".")
    return not dot or parent in given


@every_action
def test_answers_have_the_documented_members(name: str, noted: set[Exchange]) -> None:
    members = described(registry[name]).answers
    documented = {member.path for member in members}
    items = {f"{member.path}[]" for member in members if "items" in member.schema}
    anything = tuple(f"{member.path}." for member in members if is_open(member))
    for answer in (each for each in of(name, noted) if each.code is None):
        others = answer.shown - documented - items
        assert [path for path in others if not path.startswith(anything)] == []
        held = {path for path in documented if path.rpartition(".")[0] in answer.shown | {""}}
        assert held - answer.shown == set()


def is_open(member: Member) -> bool:
    """Whether it is an object that is the client's own."""
    return "object" in member.kind and "properties" not in member.schema


def test_every_error_of_the_catalogue_is_one_of_an_action() -> None:
    others = {FileRefusal, RowRefusal, HttpRefusal, RestRefusal, PollRefusal, StrangerRefusal}
    catalogues = {*Refusal.__subclasses__(), *Rule.__subclasses__()} - others
    stated = {reason for catalogue in catalogues for reason in catalogue}
    used = {reason for action in registry.values() for reason in action.errors}
    assert stated - used - ANY_ACTION - NO_ACTION == OF_THE_ADMIN


@every_action
def test_it_says_what_it_does(name: str) -> None:
    assert registry[name].handler.__doc__
