"""Presence over several processes, with a clock moved by hand."""

import json
from contextlib import suppress

import pytest
from sqlalchemy.exc import OperationalError

from chatapp.domain import presence as rows
from chatapp.domain.errors import Busy
from chatapp.realtime import presence as module
from chatapp.realtime.hub import Hub
from chatapp.realtime.presence import BEAT_SECONDS, DEAD_SECONDS, GRACE_SECONDS, Presence
from tests.queries import counted
from tests.realtime.listeners import enter

pytestmark = pytest.mark.usefixtures("context")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def processes(clock):
    """Two processes over one database."""
    return [Process(clock), Process(clock)]


class Process:
    def __init__(self, clock: Clock):
        self.hub = Hub()
        self.presence = Presence(self.hub, clock)

    def arrive(self, user: int):
        connection = enter(self.hub, user)
        self.presence.update(user)
        return connection

    def leave(self, connection) -> None:
        self.hub.exit(connection)
        self.presence.update(connection.user_id, has_left=True)

    def tick(self) -> dict | None:
        """A second passes here: what the browsers hear."""
        self.presence.read()
        self.presence.write()
        self.presence.forget_dead()
        return self.told()

    def told(self) -> dict | None:
        """What the browsers hear of what is known here by now."""
        wire = self.presence.tick()
        if wire is None:
            return None
        frame = json.loads(wire[wire.index(b"{") :])
        return {state: ids for state, ids in frame.items() if state != "type" and ids}


def test_who_has_a_socket_anywhere_is_online_everywhere(processes):
    here, there = processes
    here.arrive(1)
    assert here.tick() == {"online": [1]}
    assert there.tick() == {"online": [1]}
    assert there.tick() is None


def test_the_best_state_wins(processes):
    here, there = processes
    tab = here.arrive(1)
    tab.state = "away"
    here.presence.update(1)
    assert here.tick() == {"away": [1]}
    there.arrive(1)
    assert there.tick() == {"online": [1]}
    assert here.tick() == {"online": [1]}


def test_leaving_has_a_grace(processes, clock):
    here, there = processes
    tab = here.arrive(1)
    here.tick(), there.tick()
    here.leave(tab)
    clock.now += GRACE_SECONDS - 1
    assert (here.tick(), there.tick()) == (None, None)
    clock.now += 1
    assert here.tick() == {"offline": [1]}
    assert there.tick() == {"offline": [1]}


@pytest.mark.parametrize("is_back", [True, False])
def test_a_reload_beside_a_hidden_tab_is_not_seen(processes, clock, is_back):
    here, there = processes
    hidden, tab = here.arrive(1), here.arrive(1)
    hidden.state = "away"
    here.presence.update(1)
    here.tick(), there.tick()
    here.leave(tab)
    clock.now += 1
    here.presence.update(1)
    clock.now += GRACE_SECONDS - 2
    assert (here.tick(), there.tick()) == (None, None)
    if is_back:
        here.arrive(1)
    clock.now += 2
    seen = None if is_back else {"away": [1]}
    assert (here.tick(), there.tick()) == (seen, seen)


def test_coming_back_within_the_grace_is_not_seen(processes, clock):
    here, there = processes
    tab = here.arrive(1)
    here.tick(), there.tick()
    here.leave(tab)
    clock.now += 2
    there.arrive(1)
    for _ in range(8):
        clock.now += 1
        assert (here.tick(), there.tick()) == (None, None)


def test_a_sign_out_has_no_grace(processes):
    here, _ = processes
    tab = here.arrive(1)
    here.tick()
    here.hub.exit(tab)
    here.presence.gone(1)
    assert here.tick() == {"offline": [1]}


def test_a_sign_out_beside_a_hidden_tab_has_no_grace(processes):
    here, _ = processes
    hidden, tab = here.arrive(1), here.arrive(1)
    hidden.state = "away"
    here.presence.update(1)
    here.tick()
    here.hub.exit(tab)
    here.presence.gone(1)
    here.presence.update(1, has_left=True)
    assert here.tick() == {"away": [1]}


def test_a_write_whose_answer_is_lost_hides_nothing_that_follows(processes, monkeypatch):
    here, there = processes
    tab = here.arrive(1)
    beat = rows.beat

    def committed_without_an_answer(*args) -> None:
        monkeypatch.undo()
        beat(*args)
        raise OperationalError("COMMIT", {}, Exception("the server closed the connection"))

    monkeypatch.setattr(rows, "beat", committed_without_an_answer)
    with pytest.raises(OperationalError):
        here.tick()
    assert there.tick() == {"online": [1]}
    here.hub.exit(tab)
    here.presence.gone(1)
    here.tick()
    assert there.tick() == {"offline": [1]}


def test_a_process_that_falls_silent_is_dead_after_a_while(processes, clock):
    here, there = processes
    there.arrive(2)
    there.tick()
    assert here.tick() == {"online": [2]}
    heard = []
    for _ in range(int(DEAD_SECONDS + BEAT_SECONDS) + 2):
        clock.now += 1
        heard.append(here.tick())
    assert [one for one in heard if one] == [{"offline": [2]}]
    assert [row.id for row in rows.processes()] == [here.presence.process_id]


def test_a_process_that_lives_is_never_dead(processes, clock):
    here, there = processes
    there.arrive(2)
    there.tick()
    here.tick()
    for _ in range(40):
        clock.now += 1
        there.tick()
        assert here.tick() is None


def test_an_outage_of_ours_buries_nobody(processes, clock):
    here, there = processes
    there.arrive(2)
    there.tick()
    here.tick()
    clock.now += 60
    assert here.tick() is None
    clock.now += 1
    there.tick()
    assert here.tick() is None


def test_who_was_taken_for_dead_tells_everything_again(processes, clock):
    here, there = processes
    there.arrive(2)
    there.tick()
    here.tick()
    forget(there)
    assert here.tick() == {"offline": [2]}
    there.tick()
    assert here.tick() == {"online": [2]}


def beat_of(process: Process) -> int:
    return {row.id: row.beat for row in rows.processes()}[process.presence.process_id]


def forget(process: Process) -> None:
    """Somebody takes it for dead."""
    rows.forget(process.presence.process_id, beat_of(process))


def test_who_left_while_their_process_was_taken_for_dead_is_offline(processes, clock):
    """Another process that slept through it has not seen the rows go."""
    here, there = processes
    tab = there.arrive(2)
    there.tick()
    assert here.tick() == {"online": [2]}
    there.hub.exit(tab)
    there.presence.gone(2)
    there.presence.write()
    forget(there)
    there.arrive(3)
    there.tick()
    there.tick()
    assert here.tick() == {"online": [3], "offline": [2]}


def test_a_process_that_has_beaten_again_is_not_forgotten(processes, clock):
    here, there = processes
    there.arrive(2)
    there.tick()
    here.tick()
    old = beat_of(there)
    clock.now += 5
    there.tick()
    rows.forget(there.presence.process_id, old)
    assert here.tick() is None
    assert [row.user_id for page in rows.changes_in(there.presence.process_id, 0) for row in page]


def test_the_dead_stay_dead_while_the_database_takes_no_writes(processes, clock, monkeypatch):
    here, there = processes
    there.arrive(2)
    there.tick()
    assert here.tick() == {"online": [2]}
    heard = []
    with monkeypatch.context() as full:
        full.setattr(rows, "forget", refuse)
        for _ in range(3 * int(DEAD_SECONDS)):
            clock.now += 1
            here.presence.read()
            heard.append(here.presence.tick())
            here.presence.write()
            with suppress(Busy):
                here.presence.forget_dead()
    assert [b'"offline":[2]' in one for one in heard if one] == [True]
    assert len([*rows.processes()]) == 2
    clock.now += BEAT_SECONDS
    here.tick()
    assert [row.id for row in rows.processes()] == [here.presence.process_id]


def test_whoever_beats_again_is_not_to_be_forgotten_any_more(processes, clock, monkeypatch):
    here, there = processes
    there.arrive(2)
    there.tick()
    here.tick()
    asked = []
    for _ in range(int(DEAD_SECONDS) + 1):
        clock.now += 1
        here.presence.read()
        here.presence.write()
    assert here.presence.tick()
    there.tick()
    monkeypatch.setattr(rows, "forget", lambda *about: asked.append(about))
    for _ in range(10):
        clock.now += 1
        assert (here.tick(), there.tick()) in [({"online": [2]}, None), (None, None)]
    assert asked == []


def test_a_process_that_is_forgotten_while_it_writes_tells_everything_again(processes, clock):
    here, there = processes
    there.arrive(2)
    there.tick()
    assert here.tick() == {"online": [2]}
    there.arrive(3)
    there.presence.read()
    forget(there)
    there.presence.write()
    assert here.tick() == {"offline": [2]}
    there.tick()
    assert here.tick() == {"online": [2, 3]}


def refuse(*_: object) -> None:
    raise Busy("The disk is full.")


def test_nobody_is_buried_while_nobody_can_write(processes, clock, monkeypatch):
    here, there = processes
    there.arrive(2)
    there.tick()
    assert here.tick() == {"online": [2]}
    with monkeypatch.context() as full:
        full.setattr(rows, "beat", refuse)
        full.setattr(rows, "forget", refuse)
        for _ in range(3 * int(DEAD_SECONDS)):
            clock.now += 1
            for process in processes:
                process.presence.read()
                with suppress(Busy):
                    process.presence.write()
                    process.presence.forget_dead()
                assert process.presence.tick() is None or clock.now < 1002
    for process in reversed(processes):
        assert process.tick() is None


def test_a_beat_in_vain_now_and_then_keeps_no_dead_alive(processes, clock, monkeypatch):
    here, there = processes
    there.arrive(2)
    there.tick()
    here.tick()
    heard, tab = [], here.arrive(3)
    for second in range(2 * int(DEAD_SECONDS)):
        clock.now += 1
        # Somebody goes away or is back each second, so each second something is written.
        tab.state = "away" if second % 2 else "active"
        here.presence.update(3)
        with monkeypatch.context() as busy:
            if second % 5 == 0:
                busy.setattr(rows, "beat", refuse)
            with suppress(Busy):
                heard.append(here.tick())
    assert [2] in [one["offline"] for one in heard if one and "offline" in one]


def test_who_keeps_an_answer_is_told_when_another_is_due(processes, clock):
    here, there = processes
    seen = [here.presence.changes]

    def changed() -> bool:
        seen.append(here.presence.changes)
        return seen[-1] != seen[-2]

    here.arrive(1)
    assert changed()
    here.tick()
    assert not changed()
    there.arrive(2)
    there.tick()
    here.tick()
    assert changed()
    here.presence.gone(7)
    assert not changed()
    for _ in range(int(DEAD_SECONDS) + 2):
        clock.now += 1
        here.tick()
    assert here.presence.state_of(2) == "offline"
    assert changed()


def test_only_what_is_new_is_read(processes, app):
    here, there = processes
    there.arrive(2)
    there.tick()
    here.tick()
    with counted(app) as asked:
        here.presence.read()
    assert len(asked) == 1


def test_many_changes_elsewhere_are_read_in_pages_and_others_have_their_turn(
    processes, app, monkeypatch
):
    here, there = processes
    monkeypatch.setattr(rows, "CHANGES_A_PAGE", 3)
    for user in range(1, 8):
        there.arrive(user)
    there.tick()
    turns = []
    monkeypatch.setattr(module, "give_way", lambda: turns.append(len(asked)))
    with counted(app) as asked:
        assert here.tick()["online"] == list(range(1, 8))
    assert turns == [2, 3, 4]
    there.arrive(9)
    there.tick()
    assert here.tick() == {"online": [9]}


def test_the_snapshot_is_what_was_told(processes):
    here, there = processes
    here.arrive(1)
    tab = there.arrive(2)
    tab.state = "away"
    there.presence.update(2)
    there.tick()
    here.tick()
    assert json.loads(bytes(here.presence.snapshot())) == {"online": [1], "away": [2]}


def test_a_thousand_arrivals_are_two_writes_and_one_frame(processes, app, monkeypatch):
    here, _ = processes
    turns = []
    monkeypatch.setattr(module, "give_way", lambda: turns.append(len(asked)))
    for user in range(1, 1001):
        here.arrive(user)
    with counted(app) as asked:
        frame = here.tick()
    assert len(frame["online"]) == 1000
    assert len(asked) < 10
    assert len(turns) == 1


def test_what_could_not_be_written_is_written_later(processes, monkeypatch):
    here, there = processes
    for user in range(1, 1001):
        here.arrive(user)
    with monkeypatch.context() as patch:
        patch.setattr(module, "give_way", lambda: patch.setattr(rows, "beat", out_of_order))
        with pytest.raises(OSError, match="out of order"):
            here.presence.write()
    assert len(there.tick()["online"]) == module.PEOPLE_A_WRITE
    here.presence.write()
    assert len(there.tick()["online"]) == 1000 - module.PEOPLE_A_WRITE


def out_of_order(*_: object) -> None:
    raise OSError("out of order")


@pytest.fixture
def crowded(clock):
    """A process with thousands of listeners, who have just heard of each other."""
    here = Process(clock)
    for user in range(10_000):
        here.arrive(user)
    assert here.presence.tick()
    clock.now += 1
    return here


def test_thousands_do_not_hear_each_second_of_a_storm_of_arrivals(crowded, clock):
    come = range(10_000, 10_000 + module.STORM)
    for user in come:
        crowded.arrive(user)
    assert crowded.presence.tick() is None
    clock.now += module.MOST_REST_SECONDS - 1
    assert sorted(crowded.told()["online"]) == list(come)


def test_a_single_arrival_is_told_at_once(crowded):
    crowded.arrive(10_000)
    assert crowded.presence.tick()


def test_who_leaves_is_told_at_once_in_a_storm_of_arrivals(crowded):
    for user in range(10_000, 10_000 + module.STORM):
        crowded.arrive(user)
    crowded.presence.gone(crowded.arrive(20_000).user_id)
    assert crowded.presence.tick() is None
    (connection,) = crowded.hub.connections_of(5)
    crowded.hub.exit(connection)
    crowded.presence.gone(5)
    assert crowded.told()["offline"] == [5]


def test_a_process_that_is_being_written_is_no_other_one(processes, monkeypatch):
    """A handshake may look while its first row is on its way."""
    here, _ = processes
    here.arrive(1)
    beat = rows.beat

    def beat_late(*told):
        here.presence.read()
        return beat(*told)

    monkeypatch.setattr(rows, "beat", beat_late)
    here.presence.write()
    here.presence.read()
    assert here.presence.others == 0
    assert len([*rows.processes()]) == 1


def test_who_looks_first_looks_for_all(processes, clock):
    here, other = processes
    other.arrive(2)
    other.presence.write()
    here.presence.read_first()
    assert here.presence.state_of(2) == "online"
    other.arrive(3)
    other.presence.write()
    here.presence.read_first()
    assert here.presence.state_of(3) == "offline", "that was a moment ago"
    clock.now += module.FIRST_READ_SECONDS + 0.1
    here.presence.read_first()
    assert here.presence.state_of(3) == "online"
