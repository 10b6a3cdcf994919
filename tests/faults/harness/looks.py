"""What people were shown, compared with the store. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from html import unescape

from tests.faults.harness.evidence import Evidence, Listing
from tests.faults.harness.history import History
from tests.faults.harness.stored import Message, Stored
from tests.faults.harness.violation import Violation

REACTION = re.compile(
    r'data-emoji="([^"]+)"[^>]*data-people="([\d ]*)".*?class="reaction-count">(\d+)<', re.DOTALL
)
BODY = re.compile(r'<div class="message-body"[^>]*>(.*?)</div>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def check_all_is_seen(history: History, stored: Stored, evidence: Evidence) -> Iterator[Violation]:
    """Each page, list, search and count that there is was looked at: the other rules judge only
    what was.
    """
    missing = Counter(to_see(history, stored)) - Counter(seen(evidence))
    for sight, times in missing.items():
        yield Violation("unlooked", "", f"{times} x {sight}")


def to_see(history: History, stored: Stored) -> Iterator[tuple[object, ...]]:
    yield from (("live", who, room) for who, room in history.pages)
    yield from ((how, room) for room in stored.heads for how in ("paged", "changes"))
    yield from (("find", group) for group in {send.group for send in history.sends})
    yield from (("count", room, user) for room, user in stored.members)


def seen(evidence: Evidence) -> Iterator[tuple[object, ...]]:
    for listing in evidence.listings:
        who = [listing.who] if listing.how == "live" else []
        yield listing.how, *who, listing.room
    yield from (("find", find.group) for find in evidence.finds)
    yield from (("count", count.room, count.user) for count in evidence.counts)


def check_listings(stored: Stored, evidence: Evidence) -> Iterator[Violation]:
    """C3 to C6: every list is the store's, live or loaded; all show the same, as it was written."""
    rooms, by_id = defaultdict(list), {message.id: message for message in stored.messages}
    for message in stored.messages:
        rooms[message.room].append(message)
    reactions = defaultdict(set)
    for message_id, emoji, user in stored.reactions:
        reactions[message_id].add((emoji, user))
    shown: dict[int, tuple[str, str]] = {}
    for listing in evidence.listings:
        wanted = [row for row in rooms[listing.room] if row.number >= listing.first]
        yield from same_list(listing, wanted)
        yield from same_html(listing, shown)
        yield from same_text(listing, by_id)
        if listing.how != "live":
            yield from same_reactions(listing, reactions)


def same_list(listing: Listing, wanted: list[Message]) -> Iterator[Violation]:
    """One list against the store's list."""
    where = f"{listing.who}, room {listing.room}, {listing.how}"
    ids = [row.id for row in listing.rows]
    expected = [row.id for row in wanted]
    if missing := set(expected) - set(ids):
        yield Violation("unseen", "", f"{where}: {len(missing)} missing, {sorted(missing)[:5]}")
    if extra := set(ids) - set(expected):
        yield Violation("phantom", "", f"{where}: {len(extra)} too many, {sorted(extra)[:5]}")
    if len(ids) != len(set(ids)):
        yield Violation("doubled", "", f"{where}: {len(ids) - len(set(ids))} shown twice")
    elif ids != expected and not missing and not extra and listing.how != "changes":
        yield Violation("misordered", "", where)
    seqs = {row.id: row.seq for row in wanted}
    late = [row.id for row in listing.rows if row.seq != seqs.get(row.id, row.seq)]
    if late:
        yield Violation("stale", "", f"{where}: {len(late)} not as stored, {late[:5]}")
    if listing.how == "changes" and [r.seq for r in listing.rows] != sorted(seqs.values()):
        yield Violation("misordered", "", f"{where}: not in the order of seq")


def same_html(listing: Listing, shown: dict[int, tuple[str, str]]) -> Iterator[Violation]:
    """A page with the events applied equals a freshly loaded page."""
    for row in listing.rows:
        html, by = shown.setdefault(row.id, (row.html, f"{listing.who} {listing.how}"))
        if html != row.html:
            who = f"{listing.who} {listing.how} and {by}"
            yield Violation("stale", "", f"{who} differ: {row.html[:400]!r} {html[:400]!r}")
            return


def same_text(listing: Listing, messages: Mapping[int, Message]) -> Iterator[Violation]:
    """Each message is shown with its own text, as it is stored; of a deleted one nothing is left.

    That what is stored was written last is another rule's.
    """
    for row in listing.rows:
        message = messages.get(row.id)
        if message is not None and not is_told(message, row.html):
            detail = f"{listing.who} {listing.how}: {message} is {row.html[:400]!r}"
            yield Violation("altered", "", detail)
            return


def is_told(message: Message, html: str) -> bool:
    body = BODY.search(html)
    if body is None or message.deleted != ("data-deleted" in html):
        return False
    # Writers write plain words: between the tags stands what they wrote.
    text = unescape(TAG.sub("", body[1])).strip()
    return text == ("" if message.deleted else message.source)


def same_reactions(
    listing: Listing, reactions: dict[int, set[tuple[str, int]]]
) -> Iterator[Violation]:
    """C23: the reactions shown are a recount."""
    for row in listing.rows:
        shown = set()
        for emoji, people, count in REACTION.findall(row.html):
            shown |= {(emoji, int(user)) for user in people.split()}
            if len(people.split()) != int(count):
                yield Violation("miscounted", "", f"{listing.who}: {row.html[-300:]!r}")
        if "data-deleted" not in row.html and shown != reactions.get(row.id, set()):
            yield Violation("miscounted", "", f"{listing.who}: message {row.id} shows {shown}")


def check_finds(history: History, stored: Stored, evidence: Evidence) -> Iterator[Violation]:
    """Search finds each message that is there, once, and nothing else."""
    groups = defaultdict(list)
    by_key = {(row.author, row.key): row for row in stored.messages}
    for send in history.sends:
        row = by_key.get((send.author, send.key))
        if row is not None and not row.deleted:
            groups[send.group].append(row.id)
    for find in evidence.finds:
        if sorted(find.ids) != sorted(groups[find.group]):
            odd = sorted(set(find.ids) ^ set(groups[find.group]))
            yield Violation("unfound", "", f"{find.group}: {odd[:5]} of {len(find.ids)}")


def check_counts(stored: Stored, evidence: Evidence) -> Iterator[Violation]:
    """C23: read marks and last numbers equal a recount."""
    totals = Counter(row.room for row in stored.messages)
    for count in evidence.counts:
        last = totals[count.room]
        read = stored.members.get((count.room, count.user))
        if count.last != last or count.read != read:
            detail = f"{count}: recounted {last} messages, read {read}"
            yield Violation("miscounted", "", detail)
