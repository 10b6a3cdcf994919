"""Which messages of some windows have which words: by SQLite's FTS5, by PostgreSQL's GIN."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol, Self, TypeVar, cast

from sqlalchemy import text

from chatapp.database import as_sqlalchemy
from chatapp.domain.search_terms import begin_of, room_term, word_term
from chatapp.extensions import db
from chatapp.offload import offload
from chatapp.text import words

T = TypeVar("T")

# So many hits are looked at, row by row, for those in one's rooms, and so many more for each room.
# When most are in others' rooms, the index is asked for the rooms, too, which costs about as much
# again: for common words that is quicker, for rare ones slower.
LOOKED_AT, FOR_EACH_ROOM = 100, 10
# As many messages are read in half a millisecond, if they need not come from the disk.
READ = 200
# A longer message takes as long as one more for so many characters.
LONG = 500
# However late it is: so that whoever asks again gets on.
LEAST = 100
# How far back so many messages lie that have a word tells how common it is.
SAMPLE = 200
# What every fifth message has: to read them all finds a page before the index has put together
# what begins so. What less than every eightieth has: putting that together is quicker than reading
# what has another word.
EVERYWHERE, RARE = 1 / 5, 1 / 80


class Wanted(NamedTuple):
    """Words with their stars: (folded, whether more may follow), the longest first, which are the
    rarest, as a rule; and the rooms to look in, with how many messages each has.
    """

    words: Sequence[tuple[str, bool]]
    rooms: Mapping[int, int]

    @classmethod
    def of(cls, terms: Iterable[str], rooms: Mapping[int, int]) -> Self:
        """What a person wants who typed these words."""
        return cls(words.sought(terms), rooms)

    def is_in(self, source: str) -> bool:
        """Whether this text has all the words."""
        if source.isascii():
            lower = source.lower()
            if not all(word in lower for word, _ in self.words):
                return False
        said = words.folded(source)
        return all(
            any(other.startswith(word) for other in said) if may_go_on else word in said
            for word, may_go_on in self.words
        )


def effort_of(source: str) -> int:
    """What it takes to read this, in short messages."""
    return 1 + len(source) // LONG


class Index(Protocol):
    """What both databases answer."""

    # Where `hits` gave up: before this id, it has looked at nothing.
    given_up_at: int | None

    def hits(
        self,
        wanted: Wanted,
        windows: Sequence[int],
        end: int,
        limit: int,
        *,
        was_slow: bool,
        is_late: Callable[[], bool],
    ) -> list[int]:
        """The newest messages in these windows, before the id `end`, that are wanted.

        Windows are given, and hits come, newest first. `was_slow`: the last question took long.
        `is_late` tells when to give up.
        """
        ...


def ask(question: Callable[[Index], T]) -> T:
    """What the question makes of the database's index. On SQLite it is asked in another thread.

    Raises SQLAlchemy's errors.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        return question(_Postgresql())
    connection = db.session.connection()
    driver = cast("sqlite3.Connection", connection.connection.dbapi_connection)
    try:
        return offload(question, _Sqlite(driver))
    except sqlite3.Error as error:
        raise as_sqlalchemy(error, connection.dialect, sqlite3, "a search") from error


class _Sqlite:
    # FTS5 gives its hits one by one, so the rows are looked up only until there are enough.
    _HITS = (
        "SELECT found.rowid, messages.room_id, messages.source FROM message_search found"
        " CROSS JOIN messages ON messages.id = found.rowid"
        " WHERE found.message_search MATCH ? AND found.rowid < ? ORDER BY found.rowid DESC"
    )
    _NEWEST = "SELECT id, room_id, source FROM messages WHERE id < ? AND id >= ? ORDER BY id DESC"
    # Of whole words: what begins so would have to be put together first.
    _SAID_LATELY = (
        "SELECT count(*), min(rowid) FROM (SELECT rowid FROM message_search"
        " WHERE message_search MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?)"
    )

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.given_up_at: int | None = None
        self._is_late: Callable[[], bool] = bool
        self._rarest_first: Wanted | None = None
        self._is_everywhere = self._is_index_slow = self._is_reading = False
        self._may_read = self._has_read = 0

    def hits(
        self,
        wanted: Wanted,
        windows: Sequence[int],
        end: int,
        limit: int,
        *,
        was_slow: bool,
        is_late: Callable[[], bool],
    ) -> list[int]:
        self._is_late = is_late
        if self._rarest_first is None:
            self._rarest_first = self._weighed(wanted, windows[0], end)
        if was_slow:
            # The other way, then. Where the messages are still on the disk, 200 take 20 ms.
            self._is_index_slow, self._may_read = not self._is_reading, 0
        if self._is_index_slow:
            self._may_read = READ * len(windows)
        self._is_reading = self._may_read > 0 and (self._is_everywhere or len(wanted.words) > 1)
        way = self._by_reading if self._is_reading else self._in_rooms
        return list(islice(way(self._rarest_first, windows, end), limit))

    def _weighed(self, wanted: Wanted, newest: int, end: int) -> Wanted:
        """The same, the rarest word first. How common they are tells which way is tried first."""
        # The newest window may hold next to nothing yet.
        windows = range(newest, max(newest - 2, -1), -1)
        shares = {word: self._share(word, windows, end) for word, _ in wanted.words}
        self._is_everywhere = min(shares.values()) >= EVERYWHERE
        if self._is_everywhere or (len(shares) > 1 and max(shares.values()) >= RARE):
            self._may_read = READ
        return wanted._replace(words=sorted(wanted.words, key=lambda each: shares[each[0]]))

    def _share(self, word: str, windows: Sequence[int], end: int) -> float:
        """Which part of the last messages has this word."""
        match = " OR ".join(f'"{word_term(window, word)}"' for window in windows)
        values = (match, end, SAMPLE)
        count, first = self._connection.execute(self._SAID_LATELY, values).fetchone()
        return count / (end - (first if count == SAMPLE else begin_of(windows[-1])))

    def _by_reading(self, wanted: Wanted, windows: Sequence[int], end: int) -> Iterator[int]:
        # What begins like a common word is put together before FTS5 looks how rare another is.
        # Where one is rare, it is quicker to read what has that one; where all are everywhere, to
        # read all. Where it looked so and is not, that is soon given up.
        for found, room, source in self._likely(wanted, windows, end):
            if self._may_read <= 0:
                yield from self._in_rooms(wanted, windows, found + 1)
                return
            effort = effort_of(source)
            self._may_read -= effort
            self._has_read += effort
            if room in wanted.rooms and wanted.is_in(source):
                yield found
            if self._has_read >= LEAST and self._is_late():
                self.given_up_at = found
                return

    def _likely(
        self, wanted: Wanted, windows: Sequence[int], end: int
    ) -> Iterator[tuple[int, int, str]]:
        if self._is_everywhere:
            after = min(end, begin_of(windows[0] + 1))
            return self._connection.execute(self._NEWEST, (after, begin_of(windows[-1])))
        return self._all(_match(wanted._replace(words=wanted.words[:1]), windows), end)

    def _in_rooms(self, wanted: Wanted, windows: Sequence[int], end: int) -> Iterator[int]:
        most = LOOKED_AT + FOR_EACH_ROOM * len(wanted.rooms)
        for looked_at, (found, room, _) in enumerate(self._all(_match(wanted, windows), end)):
            if looked_at == most:
                yield from self._named(wanted, windows, found + 1)
                return
            if room in wanted.rooms:
                yield found

    def _named(self, wanted: Wanted, windows: Sequence[int], end: int) -> Iterator[int]:
        for window in windows:
            for found, room, _ in self._all(_match(wanted, [window], wanted.rooms), end):
                if room in wanted.rooms:
                    yield found

    def _all(self, match: str, end: int) -> Iterator[tuple[int, int, str]]:
        return self._connection.execute(self._HITS, (match, end))


def _match(wanted: Wanted, windows: Sequence[int], rooms: Collection[int] = ()) -> str:
    # Every term is quoted, and holds only letters and digits: nothing in it can be an operator.
    return " OR ".join(f"({_match_in(wanted, window, rooms)})" for window in windows)


def _match_in(wanted: Wanted, window: int, rooms: Collection[int]) -> str:
    said = [f'"{word_term(window, word)}"{" *" * star}' for word, star in wanted.words]
    named = " OR ".join(f'"{room_term(window, room)}"' for room in rooms)
    return " AND ".join([*said, f"({named})"] if rooms else said)


class _Postgresql:
    # It reads no messages.
    given_up_at: int | None = None

    # The index first, whatever the planner thinks of words that it does not know: walking back
    # through the table until enough of it fits takes seconds when nothing does.
    _HITS = text(
        "WITH found AS MATERIALIZED (SELECT message_id, room_id FROM message_search"
        " WHERE document @@ CAST(:match AS tsquery))"
        " SELECT message_id FROM found WHERE room_id = ANY(:rooms) AND message_id < :end"
        " ORDER BY message_id DESC LIMIT :limit"
    )

    def hits(
        self,
        wanted: Wanted,
        windows: Sequence[int],
        end: int,
        limit: int,
        *,
        was_slow: bool,
        is_late: Callable[[], bool],
    ) -> list[int]:
        match = " | ".join(f"({_query_in(wanted, window)})" for window in windows)
        values = {"match": match, "rooms": list(wanted.rooms), "end": end, "limit": limit}
        return list(db.session.execute(self._HITS, values).scalars())


def _query_in(wanted: Wanted, window: int) -> str:
    return " & ".join(f"'{word_term(window, word)}'{':*' * star}" for word, star in wanted.words)
