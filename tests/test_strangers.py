"""Every route, as somebody who is not signed in: nothing answers but the doors."""

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from chatapp import create_app
from chatapp.hooks import PUBLIC_BLUEPRINTS, PUBLIC_RULES

# What stands open, written out again: opening one more door takes a change in two places.
OPEN = {
    "/first-run",
    "/register",
    "/join/<invite>",
    "/sign-in",
    "/csrf-token",
    "/up",
    "/ws",
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def rules(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def is_static(rule: Rule) -> bool:
    return rule.endpoint.partition(".")[0] in PUBLIC_BLUEPRINTS


# Only asked for its routes: nothing connects to that database.
APP_RULES = rules(create_app({"SQLALCHEMY_DATABASE_URI": "sqlite:////nowhere/chatapp.sqlite3"}))
GUARDED = [
    (rule.rule, method)
    for rule in APP_RULES
    for method in METHODS
    if not is_static(rule) and rule.rule not in OPEN and method in (rule.methods or ())
]


def filled(rule: str) -> str:
    """An address that matches the rule."""
    return re.sub(r"<[^>]+>", "1", rule)


@pytest.fixture
def full(make_user, make_room, make_message):
    """A workspace in which the rows with the id 1 exist."""
    ann = make_user("ann", role="admin")
    room = make_room("quay", members=[ann])
    make_message(room, ann, "canary")
    return ann


def test_the_open_doors_are_those_that_are_written_down():
    assert set(PUBLIC_RULES) == OPEN
    assert {"static"} == PUBLIC_BLUEPRINTS
    assert {rule.rule for rule in APP_RULES} >= OPEN - {"/ws", "/up"}


@pytest.mark.parametrize(("rule", "method"), GUARDED)
def test_a_stranger_is_led_to_the_sign_in(client, full, rule, method):
    answer = client.open(filled(rule), method=method)
    assert answer.status_code == 303
    assert answer.location.partition("?")[0] == "/sign-in"
    assert "canary" not in answer.text


@pytest.mark.parametrize(("rule", "method"), GUARDED)
def test_a_strangers_script_is_told_in_json(client, full, rule, method):
    answer = client.open(filled(rule), method=method, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert "canary" not in answer.text


@pytest.mark.parametrize(("rule", "method"), GUARDED)
def test_a_banned_person_is_a_stranger(client, full, make_user, sign_in, rule, method, make_client):
    bob = sign_in(make_client(), make_user("bob"))
    sign_in(client, full).post("/people/2/ban")
    answer = bob.open(filled(rule), method=method)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in")


def test_what_there_is_not_is_not_found_for_strangers_too(client, full):
    assert client.get("/no/such/page").status_code == 404
