"""The test fixtures keep tests apart from each other."""

from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.models import Membership, User
from tests.clients import SeparateClient


def test_each_test_has_its_own_database(app, make_user):
    make_user("ann")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_the_next_test_begins_empty(app):
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 0


def test_a_client_does_not_see_what_a_held_context_keeps():
    app = Flask("a bare one")
    app.test_client_class = SeparateClient

    @app.get("/seen")
    def seen():
        return g.get("mark", "nothing")

    with app.app_context():
        g.mark = "held open by the test"
        assert FlaskClient(app).get("/seen").text == "held open by the test"
        assert app.test_client().get("/seen").text == "nothing"


def test_builders_make_members(app, make_user, make_room):
    ann, bob = make_user("ann"), make_user("bob")
    room = make_room("kitchen", members=[ann, bob])
    assert room.head_seq == 2
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Membership)) == 2
