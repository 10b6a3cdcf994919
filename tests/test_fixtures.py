"""The test fixtures keep tests apart from each other."""

from flask import g
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.models import Membership, User


def test_each_test_has_its_own_database(app, make_user):
    make_user("ann")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_the_next_test_begins_empty(app):
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 0


def test_a_client_does_not_see_what_another_left_in_g(app, make_client):
    @app.get("/seen")
    def seen():
        before = g.get("mark", "nothing")
        g.mark = "something"
        return before

    with app.app_context():
        g.mark = "held open by the test"
        assert make_client().get("/seen").text == "nothing"
        assert make_client().get("/seen").text == "nothing"


def test_builders_make_members(app, make_user, make_room):
    ann, bob = make_user("ann"), make_user("bob")
    room = make_room("kitchen", members=[ann, bob])
    assert room.head_seq == 2
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Membership)) == 2
