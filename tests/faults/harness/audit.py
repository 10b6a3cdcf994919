"""Looking at everything once a round is over, as its people, by every way that shows messages."""

import re
from collections.abc import Iterable, Sequence

from tests.faults.harness.browser import UnexpectedAnswerError
from tests.faults.harness.evidence import Count, Evidence, Find, Listing
from tests.faults.harness.history import History
from tests.faults.harness.observer import Observer
from tests.faults.harness.person import Person
from tests.faults.harness.view import View


def gather(
    history: History, observers: Iterable[Observer], people: Sequence[Person], rooms: Iterable[int]
) -> Evidence:
    """What the observers' pages show, and what a fresh look shows; the first of the people is a
    member of all rooms.
    """
    evidence, reader = Evidence(), people[0]
    for observer in observers:
        evidence.listings += [live(observer, view) for view in observer.views.values()]
    for room in rooms:
        evidence.listings += [by_changes(reader, room), by_paging(reader, room)]
    for person in people:
        evidence.counts += counts(person)
    groups = {send.group for send in history.sends}
    evidence.finds = [Find(group, reader.search(group)) for group in sorted(groups)]
    return evidence


def live(observer: Observer, view: View) -> Listing:
    """The page of somebody who was there all the time."""
    return Listing(observer.person.name, view.room, "live", view.in_order(), view.first)


def by_changes(reader: Person, room: int) -> Listing:
    """Catching up from nothing."""
    view, rows, more = View(room), [], True
    while more:
        answer = reader.changes(room, view.have)
        if answer.status != 200:
            raise UnexpectedAnswerError("catching up", answer)
        page = answer.json()
        before = dict(view.rows)
        view.catch_up(page)
        rows += [row for id, row in view.rows.items() if before.get(id) is not row]
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
