"""C21: no room on the disk, no more files. Clear answers, nothing half done, reading goes on."""

from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.person import Person
from tests.faults.harness.round import Cast
from tests.faults.harness.scene import Place
from tests.faults.harness.stored import connect
from tests.faults.harness.websocket import NotUpgradedError
from tests.faults.kinds.resources import DiskFull, FilesCapped, NoMoreFiles, SmallDisk

BODY = "x" * 9_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    try:
        disk = SmallDisk(tmp_path / "disk")
    except PermissionError as error:
        pytest.skip(str(error))
    yield disk.folder
    disk.close()


def post_until_refused(person: Person, room: int, prefix: str) -> list[int]:
    """Post until the first refusal; the statuses."""
    statuses: list[int] = []
    while len(statuses) < 200 and (not statuses or statuses[-1] == 201):
        statuses.append(person.post(room, BODY, f"{prefix}-{len(statuses):04}").status)
    return statuses


@pytest.mark.timeout(120)
def test_a_full_disk_is_told_and_heals_by_itself(make_round: MakeRound, small_disk: Path) -> None:
    played = make_round(Place("sqlite", data=small_disk), Cast(writers=1, observers=0))
    person, room, fault = played.admin, played.rooms[0], DiskFull()
    assert person.post(room, "before", "disk-full-before").status == 201
    workers = played.scene.server.worker_pids()
    fault.inject(played.scene)
    statuses = post_until_refused(person, room, "disk-full")
    stored = statuses.count(201)
    assert statuses[-1] in (503, 507)
    page = person.room_page(room)
    assert page.number == stored + 1
    fault.heal(played.scene)
    assert person.post(room, BODY, f"disk-full-{stored:04}").status == 201
    with connect(played.scene.store_url) as rows:
        assert rows("PRAGMA integrity_check") == [("ok",)]
    assert person.room_page(room).number == stored + 2
    assert played.scene.server.worker_pids() == workers


@pytest.mark.timeout(120)
def test_files_that_may_not_grow_are_told_and_heal(make_round: MakeRound) -> None:
    played = make_round(Place("sqlite"), Cast(writers=1, observers=0))
    person, room, fault = played.admin, played.rooms[0], FilesCapped()
    assert person.post(room, "before", "capped-before").status == 201
    workers = played.scene.server.worker_pids()
    fault.inject(played.scene)
    refused = person.post(room, BODY, "capped-during")
    assert refused.status in (503, 507)
    assert person.room_page(room).number == 1
    fault.heal(played.scene)
    assert person.post(room, BODY, "capped-during").status == 201
    with connect(played.scene.store_url) as rows:
        assert rows("PRAGMA integrity_check") == [("ok",)]
    assert played.scene.server.worker_pids() == workers


@pytest.mark.timeout(120)
def test_a_worker_without_files_recovers_by_itself(make_round: MakeRound) -> None:
    played = make_round(Place("sqlite"), Cast(writers=1, observers=0))
    person, room, fault = played.admin, played.rooms[0], NoMoreFiles()
    assert person.post(room, "before", "files-before").status == 201
    workers = played.scene.server.worker_pids()
    fault.inject(played.scene)
    during = person.post(room, "during", "files-during")
    refused = 0
    for _ in range(8):
        try:
            person.open_socket(timeout=1).close()
        except (NotUpgradedError, OSError):
            refused += 1
    fault.heal(played.scene)
    gevent.sleep(1.5)
    assert during.status in (201, 503)
    assert refused
    person.open_socket().close(1000)
    assert person.post(room, "during", "files-during").status in (200, 201)
    assert played.scene.server.worker_pids() == workers
