"""Going back window by window finds what reading every message would find."""

import random

import pytest
from sqlalchemy import select

from chatapp.domain import messages, search, search_indexes, search_terms
from chatapp.extensions import db
from chatapp.models import Message
from chatapp.text import words

# Words that begin like others, that differ by their accents only, that are another's end.
WORDS = "ab abc ABCD b ba Bär bar ba\u0308r bb é été ete 日本 日本語 7 77".split()
QUERIES = [*WORDS, "a", "x", "日", "ab ba", "abc bar 7", "b 7", "none", "ab none", "été, 日本!"]


@pytest.fixture(autouse=True)
def small(app, monkeypatch):
    """Three messages a window, four hits a page: a short history has many of either."""
    app.config["RATE_SEARCH"] = "100000 per second"
    monkeypatch.setattr(search_terms, "WINDOW", 3)
    monkeypatch.setattr(search, "PAGE", 4)


@pytest.fixture(params=range(3))
def rooms(request, context, ann, bob, make_room, make_message):
    """Three rooms with random messages, some of them changed; Bob is in the first only."""
    dice = random.Random(request.param)
    rooms = [make_room(members=people) for people in ([ann, bob], [ann], [ann])]
    bodies = [" ".join(dice.choices(WORDS, k=dice.randint(1, 4))) for _ in range(50)]
    said = [make_message(dice.choice(rooms), ann, body) for body in bodies]
    for message in dice.sample(said, 6):
        messages.edit(ann, message, dice.choice(WORDS))
    for message in dice.sample(said, 6):
        messages.delete_message(ann, message)
    return rooms


def found(user, query: str) -> list[int]:
    """The hits of all pages, one after the other."""
    ids, older = [], None
    while True:
        hits = search.find(user, query, older)
        assert len(hits.rows) <= search.PAGE
        ids += [row.id for row in hits.rows]
        if hits.older is None:
            return ids
        older = hits.older


def read(query: str, rooms) -> list[int]:
    """The messages of these rooms that match, by reading them all."""
    said = select(Message.id, Message.source).where(Message.room_id.in_([r.id for r in rooms]))
    rows = db.session.execute(said.order_by(Message.id.desc())).all()
    return [row.id for row in rows if matches(words.folded(row.source), query)]


def matches(said: list[str], query: str) -> bool:
    wanted = [words.fold(term) for term in words.split(query)]
    return all(term in said if is_letter(term) else begins(said, term) for term in wanted)


def begins(said: list[str], term: str) -> bool:
    return any(word.startswith(term) for word in said)


def is_letter(term: str) -> bool:
    return len(term) == 1 and term.isascii()


@pytest.mark.parametrize("looked_at", [0, 1, 1000])
@pytest.mark.parametrize("few", [-1, 1000])
@pytest.mark.parametrize("quick", [-1, 1])
@pytest.mark.parametrize(("everywhere", "rare"), [(0, 0), (1, 0), (1, 1)])
def test_nothing_is_missed_and_nothing_comes_twice(
    rooms, ann, bob, monkeypatch, looked_at, few, quick, everywhere, rare
):
    monkeypatch.setattr(search_indexes, "EVERYWHERE", everywhere)
    monkeypatch.setattr(search_indexes, "RARE", rare)
    monkeypatch.setattr(search_indexes, "LOOKED_AT", looked_at)
    monkeypatch.setattr(search_indexes, "FOR_EACH_ROOM", 0)
    monkeypatch.setattr(search_indexes, "READ", looked_at)
    monkeypatch.setattr(search, "FEW_MESSAGES", few)
    monkeypatch.setattr(search, "QUICK_SECONDS", quick)
    expected = {query: read(query, rooms) for query in QUERIES}
    assert max(map(len, expected.values())) > 3 * search.PAGE
    for query, ids in expected.items():
        assert found(ann, query) == ids, query
        assert found(bob, query) == read(query, rooms[:1]), query


@pytest.mark.parametrize("few", [-1, 1000])
@pytest.mark.parametrize("everywhere", [0, 1])
def test_a_search_that_takes_too_long_is_taken_up_where_it_stopped(
    rooms, ann, monkeypatch, few, everywhere
):
    monkeypatch.setattr(search, "FEW_MESSAGES", few)
    monkeypatch.setattr(search_indexes, "EVERYWHERE", everywhere)
    monkeypatch.setattr(search, "PATIENCE_SECONDS", -1)
    monkeypatch.setattr(search_indexes, "LEAST", 1)
    assert search.find(ann, "none").is_cut_off
    for query in QUERIES:
        assert found(ann, query) == read(query, rooms), query


class Clock:
    """Stands still until a test lets time pass."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def slow(self, work, seconds: float):
        def slowed(*args):
            self.now += seconds
            return work(*args)

        return slowed


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("owner", "slow"), [(search_indexes.Wanted, "is_in"), (search_indexes._Sqlite, "_in_rooms")]
)
def test_where_one_way_to_the_hits_is_slow_the_other_is_gone(
    context, ann, make_room, make_message, monkeypatch, owner, slow
):
    # Reading messages that are still on the disk, or putting together all that begins so.
    room, clock = make_room(members=[ann]), Clock()
    said = [make_message(room, ann, f"often seldom {'' if at % 20 else 'x'}") for at in range(60)]
    monkeypatch.setattr(search, "FEW_MESSAGES", -1)
    monkeypatch.setattr(search_indexes, "READ", 4)
    monkeypatch.setattr(search_indexes, "RARE", 0)
    monkeypatch.setattr(search, "time", clock)
    monkeypatch.setattr(owner, slow, clock.slow(getattr(owner, slow), 0.1))
    hits = search.find(ann, "seldom x")
    assert not hits.is_cut_off
    assert [row.id for row in hits.rows] == [message.id for message in reversed(said[::20])]


@pytest.fixture
def slow_reading(monkeypatch):
    """Each message takes a tenth of a second to read."""
    monkeypatch.setattr(search_indexes, "LEAST", 1)
    clock = Clock()
    monkeypatch.setattr(search, "time", clock)
    is_in = clock.slow(search_indexes.Wanted.is_in, 0.1)
    monkeypatch.setattr(search_indexes.Wanted, "is_in", is_in)


@pytest.mark.sqlite_only
def test_messages_are_read_for_no_longer_than_anybody_waits(
    context, ann, make_room, make_message, monkeypatch, slow_reading
):
    monkeypatch.setattr(search, "FEW_MESSAGES", -1)
    # In one window, where it would only be noticed at the end.
    monkeypatch.setattr(search_terms, "WINDOW", 2**17)
    monkeypatch.setattr(search_indexes, "EVERYWHERE", 0)
    room = make_room(members=[ann])
    said = [make_message(room, ann, "other" if at % 5 else "often") for at in range(30)]
    stops_after(6, said, ann)


def test_nor_are_all_the_messages_of_few(context, ann, make_room, make_message, slow_reading):
    room = make_room(members=[ann])
    said = [make_message(room, ann, "other" if at % 5 else "often") for at in range(30)]
    stops_after(6, said, ann)


def stops_after(count: int, said: list[Message], user) -> None:
    """A search for "often" stops after so many messages, and is taken up there."""
    hits = search.find(user, "often")
    assert hits.is_cut_off
    assert hits.older == said[-count].id
    assert found(user, "often") == [message.id for message in reversed(said[::5])]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("few", [-1, 1000])
def test_however_late_it_is_some_are_read(
    context, ann, make_room, make_message, monkeypatch, slow_reading, few
):
    monkeypatch.setattr(search, "FEW_MESSAGES", few)
    monkeypatch.setattr(search_terms, "WINDOW", 2**17 if few < 0 else 3)
    monkeypatch.setattr(search_indexes, "EVERYWHERE", 0)
    monkeypatch.setattr(search_indexes, "LEAST", 10)
    room = make_room(members=[ann])
    said = [make_message(room, ann, "other") for at in range(30)]
    assert search.find(ann, "often").older == said[-10].id


def test_few_messages_that_are_long_are_looked_for_in_the_index(
    context, ann, make_room, make_message, monkeypatch
):
    def refuse(*_: object):
        raise AssertionError

    room = make_room(members=[ann])
    said = [make_message(room, ann, f"often {'long ' * 20}") for _ in range(30)]
    monkeypatch.setattr(search, "_read", refuse)
    with pytest.raises(AssertionError):
        found(ann, "often")
    monkeypatch.setattr(search, "FEW_CHARACTERS", 1_000)
    assert found(ann, "often") == [message.id for message in reversed(said)]


def test_before_the_first_message_there_is_none(context, ann, make_room, make_message):
    make_message(make_room(members=[ann]), ann, "often")
    assert search.find(ann, "often").rows
    assert not search.find(ann, "often", 0).rows


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("length", "expected"), [(100, 20), (2_600, 4)])
def test_of_long_messages_fewer_are_read(
    context, ann, make_room, make_message, monkeypatch, length, expected
):
    monkeypatch.setattr(search_terms, "WINDOW", 2**17)
    monkeypatch.setattr(search_indexes, "EVERYWHERE", 0)
    monkeypatch.setattr(search_indexes, "READ", 20)
    room, read = make_room(members=[ann]), []
    for _ in range(30):
        make_message(room, ann, "other " * (length // 6))
    is_in = search_indexes.Wanted.is_in
    monkeypatch.setattr(
        search_indexes.Wanted, "is_in", lambda *given: read.append(given) or is_in(*given)
    )
    assert not search.find(ann, "often").rows
    assert len(read) == expected


@pytest.mark.sqlite_only
def test_what_is_everywhere_is_read_and_what_is_rare_is_not(
    context, ann, make_room, make_message, monkeypatch
):
    monkeypatch.setattr(search_terms, "WINDOW", 2**17)
    monkeypatch.setattr(search, "PAGE", 30)
    room, read = make_room(members=[ann]), []
    for at in range(50):
        make_message(room, ann, f"often {'half' if at % 2 else 'other'} seldom{at % 25}")
    monkeypatch.setattr(search_indexes, "EVERYWHERE", 0.6)
    is_in = search_indexes.Wanted.is_in
    monkeypatch.setattr(
        search_indexes.Wanted, "is_in", lambda *given: read.append(given) or is_in(*given)
    )
    counts = {}
    for query in ("often", "half", "often half", "often seldom7", "seldom7", "seldom7 half"):
        read.clear()
        hits = search.find(ann, query)
        counts[query] = len(hits.rows), len(read)
    # A page of thirty, and one more to know that there are older ones.
    assert counts == {
        "often": (30, 31),
        "half": (25, 0),
        "often half": (25, 25),
        "often seldom7": (2, 2),
        "seldom7": (2, 0),
        "seldom7 half": (1, 2),
    }


@pytest.mark.sqlite_only
def test_the_index_keeps_few_pieces(context, ann, make_room, make_message):
    room = make_room(members=[ann])
    pieces = []
    for at in range(200):
        make_message(room, ann, f"message {at}")
        count = "SELECT count(DISTINCT segid) FROM message_search_idx"
        pieces.append(db.session.execute(db.text(count)).scalar_one())
    assert max(pieces) <= 10


def test_the_index_has_the_terms_of_the_rows_and_no_others(rooms):
    if db.engine.dialect.name == "sqlite":
        make = "CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, message_search, instance)"
        db.session.execute(db.text(make))
        indexed = db.session.execute(db.text("SELECT doc, term FROM temp.terms"))
    else:
        unnested = "SELECT message_id, unnest(tsvector_to_array(document)) FROM message_search"
        indexed = db.session.execute(db.text(unnested))
    rows = db.session.execute(select(Message.id, Message.room_id, Message.source)).all()
    terms = {(row.id, term) for row in rows for term in search_terms.of_message(*row)}
    assert {tuple(row) for row in indexed} == terms
