"""Two real browsers talk while things break: both show what is stored, once, in order."""

from collections.abc import Iterator

import gevent
import pytest

from tests.faults.conftest import MakeRound
from tests.faults.harness.bounds import allowed
from tests.faults.harness.person import PASSWORD
from tests.faults.harness.round import Cast, Round
from tests.faults.harness.scene import Place
from tests.faults.harness.screens import NoBrowserError, Screen, Screens
from tests.faults.harness.stored import Message, read_store
from tests.faults.harness.waiting import wait_until
from tests.faults.kinds.fault import Fault
from tests.faults.kinds.networks import AnswersLost, ConnectionsCut, CutMidFrame, Unreachable
from tests.faults.kinds.processes import Restarted, WorkerKilled

FAULTS: list[type[Fault]] = [
    ConnectionsCut,
    AnswersLost,
    WorkerKilled,
    CutMidFrame,
    Unreachable,
    Restarted,
]
SAID_DURING_EACH = 3


@pytest.fixture
def screens() -> Iterator[Screens]:
    try:
        screens = Screens()
    except NoBrowserError as error:
        pytest.skip(str(error))
    yield screens
    screens.close()


@pytest.mark.timeout(240)
def test_two_browsers_show_what_is_stored(make_round: MakeRound, screens: Screens) -> None:
    played = make_round(Place("sqlite"), Cast(writers=1, observers=0, pause=0.4))
    room, origin = played.rooms[0], f"http://127.0.0.1:{played.scene.address[1]}"
    names = [person.name for person in played.people[-2:]]
    pages = [Screen(screens, origin, name, PASSWORD, room) for name in names]
    played.writers[0].rooms = [room]
    played.start()
    talking = gevent.spawn(talk, pages, len(FAULTS))
    for kind in FAULTS:
        played.suffer(kind())
        played.calm(1)
    talking.get(timeout=100)
    for writer in played.writers:
        writer.stop()
    wait_until(lambda: all(page.is_settled() for page in pages), allowed(40), "all is sent")
    rows = read_store(played.scene.store_url).of_room(room)
    wait_until(
        lambda: all(is_up_to_date(page, rows) for page in pages), allowed(20), "all is there"
    )
    for page, name in zip(pages, names, strict=True):
        shows_what_is_stored(page, rows)
        assert said_by(rows, name) == [sentence(name, n) for n in range(said_count())]
    assert_audited(played, rows, names)


def talk(pages: list[Screen], rounds: int) -> None:
    """Both type all the time, whatever happens."""
    for number in range(rounds * SAID_DURING_EACH):
        for page in pages:
            page.say(sentence(page.name, number))
        gevent.sleep(0.7)


def sentence(name: str, number: int) -> str:
    return f"k{name}{number} screen says {name} for the {number}. time"


def said_count() -> int:
    return len(FAULTS) * SAID_DURING_EACH


def said_by(rows: list[Message], name: str) -> list[str]:
    return [row.source for row in rows if f"says {name} " in row.source]


def is_up_to_date(page: Screen, rows: list[Message]) -> bool:
    """Whether the newest message is there, and the last change of every other one."""
    shown = page.shown()
    kept = rows[-len(shown) :]
    return [id for id, _ in shown] == [row.id for row in kept] and not differences(shown, kept)


def differences(shown: list[tuple[int, str]], kept: list[Message]) -> list[tuple[str, str]]:
    """Texts that are not what is stored, each with what is. A deleted message has none."""
    pairs = [(text.strip(), row.source or "") for (_, text), row in zip(shown, kept, strict=True)]
    return [(text, source) for text, source in pairs if text != source]


def shows_what_is_stored(page: Screen, rows: list[Message]) -> None:
    """The page's list is the end of the store's list."""
    shown = page.shown()
    assert len(shown) >= said_count()
    kept = rows[-len(shown) :]
    assert [id for id, _ in shown] == [row.id for row in kept]
    assert not differences(shown, kept)


def assert_audited(played: Round, rows: list[Message], names: list[str]) -> None:
    """The round's own audit, told of what was typed in the browsers."""
    typed = [row for row in rows if any(f"says {name} " in row.source for name in names)]
    for row in typed:
        send = played.history.invoke(row.author, row.key, row.room, row.source, "screen")
        send.invoked = 0.0
    # Their pages are still open, and say what they have read a moment after it came.
    lookers = {(row.room, row.author) for row in typed}
    wait_until(lambda: marks_of(played, lookers) == {len(rows)}, allowed(10), "all is read")
    _, violations = played.finish()
    assert not violations, violations[:10]


def marks_of(played: Round, lookers: set[tuple[int, int]]) -> set[int]:
    """How far these people, each given with their room, have read."""
    members = read_store(played.scene.store_url).members
    return {members[looker] for looker in lookers}
