"""`flask users`: what whoever runs the server may do to accounts."""

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.domain import accounts, sessions
from chatapp.extensions import db
from chatapp.models import User


@pytest.fixture
def users(app) -> Callable[..., Any]:
    """`users("list")` runs the command and returns its result."""
    return lambda *args: app.test_cli_runner().invoke(args=["users", *args])


def stored(app, user) -> User:
    with app.app_context():
        return db.session.get_one(User, user.id)


def test_the_list_says_who_may_do_what(users, make_user):
    make_user("ann", display_name="Ann Lee", role="admin")
    make_user("bob", status="banned")
    lines = users("list").output.splitlines()
    assert lines[0].split() == ["ann", "admin", "signed", "out", "Ann", "Lee"]
    assert lines[1].split()[:2] == ["bob", "banned"]


def test_who_has_signed_out_was_there_all_the_same(app, users, make_user):
    ann = make_user("ann")
    with app.app_context():
        token = sessions.start(ann, kept=False, user_agent="", address="")
        resumed = sessions.resume(token)
    assert resumed
    person, sign_in = resumed
    assert f"{sign_in.last_seen_at:%Y-%m-%d}" in users("list").output
    with app.app_context():
        sessions.end(person, sign_in.id)
    assert users("list").output.split() == ["ann", "member", "signed", "out", "Ann"]


def test_a_terminal_of_another_charset_lists_names_by_number(app, make_user):
    make_user("ann", display_name="Zoë 日本")
    answer = app.test_cli_runner(charset="latin-1").invoke(args=["users", "list"])
    assert answer.exit_code == 0, answer.exception
    assert "Zoë \\u65e5\\u672c" in answer.output


def test_an_empty_list_says_what_to_do(users):
    assert "flask seed" in users("list").output


def test_an_admin_is_made_by_any_spelling_of_the_name(app, users, make_user):
    ann = make_user("ann")
    assert users("make-admin", "ANN").exit_code == 0
    assert stored(app, ann).is_admin


def test_a_closed_account_can_not_become_an_admin(app, users, make_user):
    bob = make_user("bob", status="deactivated")
    result = users("make-admin", "bob")
    assert result.exit_code == 1
    assert "Restore" in result.output
    assert not stored(app, bob).is_admin


def test_a_password_is_asked_for_where_none_follows(app, make_user):
    make_user("ann")
    command = ["users", "reset-password", "ann", "--password"]
    answer = app.test_cli_runner().invoke(args=command, input="long and secret\n" * 2)
    assert answer.exit_code == 0, answer.output
    assert "secret" not in answer.output
    with app.app_context():
        assert accounts.authenticate("ann", "long and secret")


def test_a_new_password_ends_all_sign_ins(app, users, make_user):
    ann = make_user("ann")
    with app.app_context():
        token = sessions.start(ann, kept=False, user_agent="", address="")
        assert sessions.resume(token)
    password = users("reset-password", "ann").output.splitlines()[-1]
    with app.app_context():
        assert sessions.resume(token) is None
        assert accounts.authenticate("ann", password).id == ann.id


def test_a_weak_password_is_refused(users, make_user):
    make_user("ann")
    result = users("reset-password", "ann", "--password", "short")
    assert result.exit_code == 1
    assert "8 characters" in result.output


def test_a_deactivated_person_is_out(app, users, make_user):
    ann = make_user("ann")
    with app.app_context():
        token = sessions.start(ann, kept=False, user_agent="", address="")
    assert users("deactivate", "ann").exit_code == 0
    assert not stored(app, ann).is_active
    with app.app_context():
        assert sessions.resume(token) is None


def test_the_last_admin_stays(app, users, make_user):
    ann = make_user("ann", role="admin")
    result = users("deactivate", "ann")
    assert result.exit_code == 1
    assert "Make somebody else an admin" in result.output
    assert stored(app, ann).is_active
    make_user("bob", role="admin")
    assert users("deactivate", "ann").exit_code == 0


@pytest.mark.parametrize("command", ["make-admin", "reset-password", "deactivate"])
def test_an_unknown_name_is_said_to_be_unknown(users, command):
    result = users(command, "nobody")
    assert result.exit_code == 1
    assert "Nobody here has that user name." in result.output
