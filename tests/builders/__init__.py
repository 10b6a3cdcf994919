"""Builders: one file a noun. As fixtures they open the application context that they need.

What they return is detached: its columns can be read anywhere.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from flask import Flask

from tests.builders.messages import new_message
from tests.builders.people import new_user
from tests.builders.rooms import new_member, new_room
from tests.builders.sign_ins import sign_in_client


def _in_context(app: Flask, builder: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(builder)
    def build(*args: Any, **kwargs: Any) -> Any:
        with app.app_context():
            return builder(*args, **kwargs)

    return build


@pytest.fixture
def make_user(app: Flask) -> Callable[..., Any]:
    """`make_user("ann", display_name="Ann", role="admin")`: see `new_user`."""
    return _in_context(app, new_user)


@pytest.fixture
def make_room(app: Flask) -> Callable[..., Any]:
    """`make_room("kitchen", members=[ann, bob], kind="closed")`: see `new_room`."""
    return _in_context(app, new_room)


@pytest.fixture
def make_member(app: Flask) -> Callable[..., Any]:
    """`make_member(room, bob)`: see `new_member`."""
    return _in_context(app, new_member)


@pytest.fixture
def make_message(app: Flask) -> Callable[..., Any]:
    """`make_message(room, ann, "hello")`: see `new_message`."""
    return _in_context(app, new_message)


@pytest.fixture
def sign_in() -> Callable[..., Any]:
    """`sign_in(client, ann)` through the sign-in form; returns the client."""
    return sign_in_client
