"""Ann and Bob are in the kitchen; the application context is open."""

from collections.abc import Callable
from types import ModuleType

import pytest
from flask import Flask

from chatapp.events import subscribe
from chatapp.models import Room, User


@pytest.fixture(autouse=True)
def no_hurry(app: Flask) -> None:
    """Tests act faster than people; what the limits do is tested where they stand."""
    app.config.update(RATE_POST="10000 per second", RATE_REACT="10000 per second")


@pytest.fixture
def ann(make_user) -> User:
    return make_user("ann")


@pytest.fixture
def bob(make_user) -> User:
    return make_user("bob")


@pytest.fixture
def room(make_room, ann, bob) -> Room:
    return make_room("kitchen", members=[ann, bob])


@pytest.fixture
def told(app: Flask) -> Callable[..., list[object]]:
    """`told(MemberJoined)`: a list that fills with the events of that kind."""

    def listen(*kinds: type) -> list[object]:
        heard: list[object] = []
        for kind in kinds:
            subscribe(app, kind, heard.append)
        return heard

    return listen


@pytest.fixture
def sizes_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[int]]:
    """`sizes_of(posting, "_store_on_sqlite")`: for how many each call of it was, as it goes on."""

    def listen(module: ModuleType, *names: str) -> list[int]:
        sizes: list[int] = []
        for name in names:
            monkeypatch.setattr(module, name, _noting(getattr(module, name), sizes))
        return sizes

    return listen


def _noting(do_all: Callable, sizes: list[int]) -> Callable:
    def noting(take, patience):
        outcomes = do_all(take, patience)
        sizes.append(len(outcomes))
        return outcomes

    return noting
