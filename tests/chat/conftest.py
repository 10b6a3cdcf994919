"""Ann and Bob are in the kitchen; Eve is not."""

import pytest
from flask.testing import FlaskClient

from chatapp.models import Room, User

AS_JSON = {"Accept": "application/json"}


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
