"""C2: the same message, released at the same instant on two workers, is one row."""

import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.person import Person
from tests.faults.harness.round import Cast
from tests.faults.harness.scene import Place
from tests.faults.harness.stored import read_store
from tests.faults.harness.wire import Wire
from tests.faults.kinds.duplicates import release_together, wires_on_two_workers

KEYS = 40
PLACE = Place("postgresql", workers=2)


def ids_of_both(person: Person, wires: tuple[Wire, Wire], room: int, key: str) -> list[int]:
    answers = release_together(person, wires, room, key, f"once {key}")
    assert sorted(answer.status for answer in answers) == [200, 201]
    return [answer.json()["id"] for answer in answers]


@pytest.mark.timeout(120)
def test_a_message_sent_to_two_workers_at_once_is_stored_once(make_round: MakeRound) -> None:
    played = make_round(PLACE, Cast(writers=1, observers=0))
    person, room = played.admin, played.rooms[0]
    wires = wires_on_two_workers(played.scene, person)
    ids = [ids_of_both(person, wires, room, f"duplicate-{n:04}") for n in range(KEYS)]
    for wire in wires:
        wire.close()
    assert all(first == second for first, second in ids)
    rows = read_store(played.scene.store_url).of_room(room)
    assert [row.key for row in rows] == [f"duplicate-{n:04}" for n in range(KEYS)]
    assert [row.number for row in rows] == list(range(1, KEYS + 1))
