"""Looking at everything once a round is over, as its people, by every way that shows messages."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence

import gevent

from tests.faults.harness.browser import UnexpectedAnswerError
from tests.faults.harness.evidence import Count, Evidence, Find, Listing
from tests.faults.harness.history import History
from tests.faults.harness.observer import Observer
from tests.faults.harness.person import Person
from tests.faults.harness.view import Row, View

Look = Callable[[Person], None]


def gather(
    history: History,
    observers: Iterable[Observer],
    people: Sequence[Person],
    rooms: Iterable[int],
    readers: Sequence[Person],
) -> Evidence:
    """What the observers' pages show, and what a fresh look shows. The readers, each a member of
    all rooms, look at the same time: no two at the same thing.
    """
    evidence = Evidence()
    for observer in observers:
        evidence.listings += [live(observer, view) for view in observer.views.values()]
    for person in people:
        evidence.counts += counts(person)
    looks: deque[Look] = deque()
    for room in rooms:
        looks += [listing(evidence, by_changes, room), listing(evidence, by_paging, room)]
    looks += [finding(evidence, group) for group in sorted({s.group for s in history.sends})]
    share_out(looks, readers)
    return evidence


def share_out(looks: deque[Look], readers: Iterable[Person]) -> None:
    """Each reader takes the next look as soon as it is free."""

    def run(reader: Person) -> None:
        while looks:
            looks.popleft()(reader)

    gevent.joinall([gevent.spawn(run, reader) for reader in readers], raise_error=True)


def listing(evidence: Evidence, look: Callable[[Person, int], Listing], room: int) -> Look:
    return lambda reader: evidence.listings.append(look(reader, room))


def finding(evidence: Evidence, group: str) -> Look:
    return lambda reader: evidence.finds.append(Find(group, reader.search(group)))


def live(observer: Observer, view: View) -> Listing:
    """The page of somebody who was there all the time."""
    return Listing(observer.person.name, view.room, "live", view.in_order(), view.first)


def by_changes(reader: Person, room: int) -> Listing:
    """Catching up from nothing."""
    view, more = View(room), True
    rows: list[Row] = []
    while more:
        answer = reader.changes(room, view.have)
        if answer.status != 200:
            raise UnexpectedAnswerError("catching up", answer)
        page = answer.json()
        ids = [message["id"] for message in page["messages"]]
        before = [view.rows.get(id) for id in ids]
        view.catch_up(page)
        for id, old in zip(ids, before, strict=True):
            if view.rows[id] is not old:
                rows.append(view.rows[id])
        more = page["more"]
    return Listing(reader.name, room, "changes", rows)


def by_paging(reader: Person, room: int) -> Listing:
    """A fresh page, scrolled back to the beginning."""
    return Listing(reader.name, room, "paged", reader.history(room))


def counts(person: Person) -> list[Count]:
    """What the sidebar says of read and unread."""
    page = person.get("/sidebar").text
    links = re.findall(r'data-room="(\d+)"[^>]*data-number="(\d+)" data-read="(\d+)"', page)
    return [Count(person.id, int(room), int(read), int(last)) for room, last, read in links]
