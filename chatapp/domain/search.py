"""Finding messages by their words, in the rooms that a person is in. Newest first."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from chatapp.domain import rates, search_indexes
from chatapp.domain.prepared import Prepared
from chatapp.domain.search_indexes import Index, Wanted, effort_of
from chatapp.domain.search_terms import begin_of, window_of
from chatapp.extensions import db
from chatapp.models import Membership, Message, Room, User
from chatapp.models.columns import AnyRow
from chatapp.offload import offload
from chatapp.text import words

PAGE = 30
# Further words would hardly narrow it down, and each costs a walk through the index.
MAX_WORDS = 10

# Words that are everywhere, but never together, have a search look at everything. It stops after
# this time, and says so. Other searches are through in a tenth of it.
PATIENCE_SECONDS = 0.5
# An answer that came as quickly has the next question cover four times as many windows, up to so
# many.
QUICK_SECONDS = 0.01
MOST_WINDOWS = 32
# As many messages are read from end to end in 20 ms. Where somebody's rooms hold no more, that is
# quicker than to look for them among the millions in as many windows as this, or more.
FEW_MESSAGES, MANY_WINDOWS = 3_000, 8
# If these are as long as a thousand characters each, on average; what people say has fifty.
FEW_CHARACTERS = 3_000_000
ROWS_AT_ONCE = 100


class Hits(NamedTuple):
    """A page of hits: `id`, `room_id`, `author_id`, `client_key`, `html`, `posted_at`,
    `author_name` and `room_name` of each message.

    `words`: those that were looked for; none where only signs were typed. `older`: ask again
    `before` this id; None when there is nothing more. `is_cut_off`: time ran out before the page
    was full, with everything from `older` on looked through.
    """

    rows: Sequence[AnyRow] = ()
    words: Sequence[str] = ()
    older: int | None = None
    is_cut_off: bool = False


class _Found(NamedTuple):
    ids: list[int]
    older: int | None = None
    is_cut_off: bool = False


def find(user: User, query: str, before: int | None = None) -> Hits:
    """Messages that have all these words, or words that begin with them; 30 at a time.

    Whatever is typed is only words: there is no syntax to get wrong. Raises `TooMany`.
    """
    terms = words.split(query)[:MAX_WORDS]
    if not terms:
        return Hits()
    rates.spend("SEARCH", f"user:{user.id}")
    wanted = Wanted.of(terms, _rooms(user))
    if not (wanted.words and wanted.rooms):
        return Hits(words=terms if wanted.words else ())
    found = _found(wanted, before)
    return Hits(_rows(user, found.ids), terms, found.older, found.is_cut_off)


_ROOMS = Prepared(
    select(Room.id, Room.last_number)
    .join(Membership, Membership.room_id == Room.id)
    .where(Membership.user_id == bindparam("user_id"))
)


def _rooms(user: User) -> dict[int, int]:
    """The person's rooms, and how many messages each has."""
    return dict(map(tuple, _ROOMS.rows({"user_id": user.id})))


_NEWEST = Prepared(select(func.max(Message.id)))


def _found(wanted: Wanted, before: int | None) -> _Found:
    end = (_NEWEST.rows({})[0][0] or 0) + 1
    if before is not None:
        end = min(end, before)
    windows = range(window_of(end - 1), -1, -1)
    if len(windows) >= MANY_WINDOWS and sum(wanted.rooms.values()) <= FEW_MESSAGES:
        said = _all_said(wanted, end)
        if said is not None:
            return offload(_read, said, wanted)
    return search_indexes.ask(lambda index: _back(index, wanted, windows, end))


def _patience() -> Callable[[], bool]:
    """Tells whether a search that begins now has taken too long."""
    began = time.monotonic()
    return lambda: time.monotonic() - began > PATIENCE_SECONDS


def _all_said(wanted: Wanted, end: int) -> list[AnyRow] | None:
    """All messages of the rooms, newest first; None when that is too much to read."""
    said = select(Message.id, Message.source).where(Message.room_id.in_(wanted.rooms))
    said = said.where(Message.id < end).order_by(Message.id.desc())
    rows, length = list[AnyRow](), 0
    # Not all at once, for they may be too long.
    with db.session.execute(said.execution_options(yield_per=ROWS_AT_ONCE)) as answer:
        for row in answer:
            rows.append(row)
            length += len(row.source)
            if length > FEW_CHARACTERS:
                return None
    return rows


def _read(said: Sequence[AnyRow], wanted: Wanted) -> _Found:
    ids: list[int] = []
    effort, is_late = 0, _patience()
    for message_id, source in said:
        if wanted.is_in(source):
            ids.append(message_id)
        if len(ids) > PAGE:
            break
        effort += effort_of(source)
        if effort >= search_indexes.LEAST and is_late():
            return _Found(ids, message_id, is_cut_off=True)
    return _page(ids)


def _back(index: Index, wanted: Wanted, windows: Sequence[int], end: int) -> _Found:
    """Go back from window to window until a page is full."""
    ids: list[int] = []
    at, at_once, was_slow, is_late = 0, 1, False, _patience()
    while at < len(windows):
        if at and is_late():
            return _Found(ids, begin_of(windows[at - 1]), is_cut_off=True)
        asked, now = windows[at : at + at_once], time.monotonic()
        most = PAGE + 1 - len(ids)
        ids += index.hits(wanted, asked, end, most, was_slow=was_slow, is_late=is_late)
        if len(ids) > PAGE:
            break
        if index.given_up_at is not None:
            return _Found(ids, index.given_up_at, is_cut_off=True)
        at += at_once
        was_slow = time.monotonic() - now >= QUICK_SECONDS
        at_once = 1 if was_slow else min(MOST_WINDOWS, at_once * 4)
    return _page(ids)


def _page(ids: list[int]) -> _Found:
    return _Found(ids[:PAGE], ids[PAGE - 1] if len(ids) > PAGE else None)


# The membership is asked for once more: the index is no door.
_HITS = (
    select(
        Message.id,
        Message.room_id,
        Message.author_id,
        Message.client_key,
        Message.html,
        Message.posted_at,
        User.display_name.label("author_name"),
        Room.name.label("room_name"),
    )
    .join(Membership, Membership.room_id == Message.room_id)
    .join(Room, Room.id == Message.room_id)
    .join(User, User.id == Message.author_id)
    .where(
        Membership.user_id == bindparam("user_id"),
        Message.id.in_(bindparam("ids", expanding=True)),
        Message.deleted_at.is_(None),
    )
    .order_by(Message.id.desc())
)


def _rows(user: User, ids: list[int]) -> Sequence[AnyRow]:
    return db.session.execute(_HITS, {"user_id": user.id, "ids": ids}).all() if ids else ()
