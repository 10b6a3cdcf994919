"""The rules that keep the code what it is. Each is shown to notice a breach, too."""

import warnings
from collections.abc import Callable

import pytest

from tests.architecture import rules
from tests.architecture.source import Source, sources


def test_one_place_commits():
    assert {line.split(":")[0] for line in rules.commits(sources())} == {rules.TRANSACTION}


def test_events_are_recorded_in_domain_only():
    assert rules.records_outside_domain(sources()) == []


def test_views_leave_the_database_to_domain():
    assert rules.sessions_in_doors(sources("auth", "chat")) == []


def test_domain_does_not_know_of_requests():
    assert rules.requests_in_domain(sources("domain", "models", "events", "text")) == []


def test_models_change_nothing():
    assert rules.writes_in_models(sources("models")) == []


def test_files_are_short():
    assert rules.long_files(sources()) == []


@pytest.mark.filterwarnings("default::tests.architecture.test_rules.LongFunction")
def test_functions_are_short():
    assert rules.long_functions(sources()) == []
    long = rules.long_functions(sources(), rules.LONG_FUNCTION_LINES)
    if long:
        warnings.warn("Long for a function:\n" + "\n".join(long), LongFunction, stacklevel=1)


def test_names_say_what_is_inside():
    assert rules.poor_names(sources()) == []


def test_modules_say_what_they_are_for():
    assert rules.undocumented_modules(sources()) == []


class LongFunction(UserWarning):
    """Worth a look, no more."""


BREACHES: list[tuple[Callable[..., list[str]], Source]] = [
    (rules.commits, Source("chatapp/chat/rooms.py", "db.session.commit()")),
    (rules.records_outside_domain, Source("chatapp/chat/rooms.py", "record(RoomChanged(1, 2))")),
    (rules.sessions_in_doors, Source("chatapp/chat/rooms.py", "from chatapp.extensions import db")),
    (rules.requests_in_domain, Source("chatapp/domain/rooms.py", "from flask import g")),
    (rules.writes_in_models, Source("chatapp/models/room.py", "db.session.add(room)")),
    (rules.long_files, Source("chatapp/chat/rooms.py", "x = 1\n" * 301)),
    (rules.long_functions, Source("a.py", "def f():\n" + "    x = 1\n" * 41)),
    (rules.poor_names, Source("chatapp/chat/utils.py", "")),
    (rules.undocumented_modules, Source("chatapp/chat/rooms.py", "def f():\n    pass\n")),
]


@pytest.mark.parametrize(("rule", "breach"), BREACHES, ids=lambda value: getattr(value, "name", ""))
def test_each_rule_notices_a_breach(rule, breach):
    assert len(rule([breach])) == 1
