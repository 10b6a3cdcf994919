"""Looking at everything once a round is over, as its people, by every way that shows messages."""

from collections.abc import Iterable

from tests.faults.harness.browser import UnexpectedAnswerError
from tests.faults.harness.evidence import Count, Evidence, Find, Listing
from tests.faults.harness.history import History
from tests.faults.harness.observer import Observer
from tests.faults.harness.person import Person
from tests.faults.harness.view import View


def gather(
    history: History, observers: Iterable[Observer], reader: Person, rooms: Iterable[int]
) -> Evidence:
    """What the observers' pages show, and what a fresh look shows a member of all rooms."""
    evidence = Evidence()
    for observer in observers:
        evidence.listings += [live(observer, view) for view in observer.views.values()]
    for room in rooms:
        evidence.listings += [by_changes(reader, room), by_paging(reader, room)]
        evidence.counts.append(count(reader, room))
    groups = {send.group for send in history.sends}
    evidence.finds = [Find(group, reader.search(group)) for group in sorted(groups)]
    return evidence


def live(observer: Observer, view: View) -> Listing:
    """The page of somebody who was there all the time."""
    rows = view.in_order()
    first = rows[0].number if rows else 1
    return Listing(observer.person.name, view.room, "live", rows, first if view.began else 1)


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


def count(reader: Person, room: int) -> Count:
    """What the page says of read and unread."""
    page = reader.changes(room, 0).json()
    return Count(reader.id, room, page["read_number"], page["last_number"])
