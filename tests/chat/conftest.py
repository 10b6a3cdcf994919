"""Ann and Bob are in the kitchen and in the closed attic; Eve is in neither."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chatapp.models import Room, User

AS_JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def no_hurry(app: Flask) -> None:
    """Tests post faster than people; what the limits do is tested where they stand."""
    app.config.update(RATE_POST="10000 per second", RATE_REACT="10000 per second")
    app.config["RATE_SEARCH"] = "10000 per second"


@pytest.fixture
def ann(make_user) -> User:
    return make_user("ann")


@pytest.fixture
def bob(make_user) -> User:
    return make_user("bob")


@pytest.fixture
def eve(make_user) -> User:
    return make_user("eve")


@pytest.fixture
def room(make_room, ann, bob) -> Room:
    return make_room("kitchen", members=[ann, bob])


@pytest.fixture
def closed_room(make_room, ann, bob) -> Room:
    return make_room("attic", members=[ann, bob], kind="closed")


@pytest.fixture
def as_ann(make_client, sign_in, ann) -> FlaskClient:
    return sign_in(make_client(), ann)


@pytest.fixture
def as_bob(make_client, sign_in, bob) -> FlaskClient:
    return sign_in(make_client(), bob)


@pytest.fixture
def as_eve(make_client, sign_in, eve) -> FlaskClient:
    return sign_in(make_client(), eve)


@pytest.fixture
def post(room) -> Callable[..., TestResponse]:
    """`post(client, "hello")` to the kitchen as the script does."""

    def send(client: FlaskClient, body: str, key: str | None = None, room_id: int = room.id):
        values = {"body": body, "client_key": key or f"key-{next(_numbers):08}"}
        return client.post(f"/rooms/{room_id}/messages", data=values, headers=AS_JSON)

    return send


_numbers = iter(range(1, 10**6))
