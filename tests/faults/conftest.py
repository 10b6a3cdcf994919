"""Scenes and rounds that end with the test that asked for them.

A test that fails shows what its servers' logs say.
"""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.faults.harness.log import tail
from tests.faults.harness.round import Cast, Round
from tests.faults.harness.scene import Place, Scene
from tests.faults.harness.services import MissingError

MakeScene = Callable[[Place], Scene]
MakeRound = Callable[..., Round]

SCENES = pytest.StashKey[list[Scene]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for scene in item.stash.get(SCENES, []):
            report.sections.append(("the server's log", tail(scene.server)))
    return report


@pytest.fixture
def make_scene(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[MakeScene]:
    """`make_scene(Place("postgresql", workers=2, redis=True))`: started, with fresh data."""
    scenes = request.node.stash[SCENES] = []

    def make(place: Place) -> Scene:
        try:
            scenes.append(Scene(tmp_path / f"scene{len(scenes)}", place))
        except MissingError as error:
            pytest.skip(str(error))
        scenes[-1].start()
        return scenes[-1]

    yield make
    for scene in scenes:
        scene.close()


@pytest.fixture
def make_round(make_scene: MakeScene) -> Iterator[MakeRound]:
    """`make_round(place, cast)`: people in their rooms; `start()` has them write and look."""
    rounds: list[Round] = []

    def make(place: Place, cast: Cast | None = None) -> Round:
        rounds.append(Round(make_scene(place), cast))
        rounds[-1].set_up()
        return rounds[-1]

    yield make
    for played in rounds:
        played.close()
