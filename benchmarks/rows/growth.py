"""Does it stay that fast? The same work on small and large workspaces, one client at a time.

All sizes are served at the same moment and take turns of a few tenths of a second, in alternating
order, so whatever the machine does hits all: a round's number is the median over all its turns. The
messages are all in one room: the hardest case for its page, its catch-up and its search. Posts come
last, after all else was measured at the sizes that are told, and speak as the history does; whoever
posts has the room open.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from functools import cache

from benchmarks.audit import audited
from benchmarks.history import history
from benchmarks.load.http_clients import Outcome, run
from benchmarks.load.listening import viewing
from benchmarks.load.posters import posters
from benchmarks.load.reading import reading
from benchmarks.load.text import Text
from benchmarks.plan import Plan, tell
from benchmarks.product import Product, opened, served
from benchmarks.results import Row, Sample
from benchmarks.rows import pages
from benchmarks.rows.searching import Search

WORK = "growth"
MESSAGES, MEMBERS = (1_000, 100_000, 10_000_000), (10, 1_000, 10_000)
# How often each size has its turn in a round. A search asks everything once in each.
TURNS = 8
FLAT, SEARCH_FLAT, SEARCH_MS = 1.3, 2.0, 50
PEOPLE, ROOMS = 16, 20

Work = Callable[[Product, float], Outcome]


def barred(plan: Plan) -> list[Row]:
    """The rows with a bar, before anything is measured."""
    sizes = _sizes(plan)
    return [
        *(_row(kind, "messages", sizes) for kind in ("search", *KINDS)),
        _slowest(sizes),
        *(_row(kind, "members", MEMBERS) for kind in KINDS),
    ]


def _sizes(plan: Plan) -> list[int]:
    return list(dict.fromkeys(min(size, plan.most) for size in MESSAGES))


def _row(kind: str, noun: str, sizes: Collection[int]) -> Row:
    bar = SEARCH_FLAT if kind == "search" else FLAT
    row = Row(WORK, f"{kind} at {max(sizes):,} {noun}", "ms", bar, at_least=False)
    row.peer_name = f"at {min(sizes):,}"
    return row


def _slowest(sizes: Collection[int]) -> Row:
    name = f"search at {max(sizes):,} messages, p95"
    return Row(WORK, name, "ms", SEARCH_MS, at_least=False)


def measure(plan: Plan) -> Iterator[Row]:
    """For each kind of work, the largest size against the smallest."""
    sizes = _sizes(plan)
    note = "" if plan.most >= MESSAGES[-1] else f"GROWTH_MOST={plan.most:,}: not the whole way; "
    by_messages = {
        size: {"messages": size, "people": 100, "signed_in": PEOPLE, "rooms": ROOMS}
        for size in sizes
    }
    yield from _measured(plan, "messages", by_messages, {"search": _search} | KINDS, note)
    by_members = {
        size: {"messages": 1_000, "people": size, "signed_in": min(PEOPLE, size), "rooms": ROOMS}
        for size in MEMBERS
    }
    yield from _measured(plan, "members", by_members, KINDS, "")


def _measured(
    plan: Plan,
    noun: str,
    sizes: Mapping[int, dict[str, int]],
    kinds: Mapping[str, Work],
    note: str,
) -> Iterator[Row]:
    medians = {kind: {size: Sample() for size in sizes} for kind in kinds}
    slowest = Sample()
    with ExitStack() as stack:
        running = {size: _opened(stack, wanted) for size, wanted in sizes.items()}
        for kind, work in kinds.items():
            for number in range(1, plan.rounds + 1):
                outcomes = _turns(running, work, plan.seconds / 2 / TURNS)
                for size, outcome in outcomes.items():
                    medians[kind][size].values.append(_middle(kind, outcome))
                if kind == "search":
                    slowest.values.append(outcomes[max(sizes)].percentile(0.95))
                told = ", ".join(f"{s.values[-1]:.2f}" for s in medians[kind].values())
                tell(f"round {number}/{plan.rounds}  {kind:14} {told} ms by {noun}")
    for kind, by_size in medians.items():
        yield _filled(_row(kind, noun, sizes), by_size, note)
    if slowest.values:
        row = _slowest(sizes)
        row.ours, row.note = slowest, note
        yield row


def _turns(running: Mapping[int, Product], work: Work, seconds: float) -> dict[int, Outcome]:
    """What each size gave in all its turns together."""
    outcomes = {size: Outcome(0, 0.0, [], []) for size in running}
    for turn in range(TURNS):
        order = list(running.items())
        for size, ours in order if turn % 2 else reversed(order):
            outcomes[size] = outcomes[size].with_more(work(ours, seconds))
    return outcomes


def _middle(kind: str, outcome: Outcome) -> float:
    if kind == "search":
        # Every kind of search counts, not only the one in the middle.
        return sum(outcome.latencies) / len(outcome.latencies) * 1000
    return outcome.percentile(0.5)


def _filled(row: Row, by_size: dict[int, Sample], note: str) -> Row:
    row.ours, row.peer = by_size[max(by_size)], by_size[min(by_size)]
    between = [f"{s.median:.2f} ms at {size:,}" for size, s in by_size.items()]
    row.note = note + ", ".join(between[1:-1])
    return row


def _opened(stack: ExitStack, wanted: dict[str, int]) -> Product:
    settings, facts = history(wanted)
    return opened(stack.enter_context(served(settings)), facts, settings)


# Each kind of work, with one client; the first people post and read, the last never do.


def _page(ours: Product, seconds: float) -> Outcome:
    return _visit(ours, pages.room_page, seconds)


def _sidebar(ours: Product, seconds: float) -> Outcome:
    return _visit(ours, pages.sidebar, seconds)


def _catch_up(ours: Product, seconds: float) -> Outcome:
    return _visit(ours, pages.catch_up, seconds)


def _visit(ours: Product, visit: pages.Visit, seconds: float) -> Outcome:
    last = len(ours.clients)
    return run(ours.server.port, [visit(ours, ours.clients[-1], last)], seconds, seconds / 4)


def _post(ours: Product, seconds: float) -> Outcome:
    speaker = posters(ours.clients[:1], ours.room, _said)[0]
    with viewing(ours, 1, None) as listener:
        outcome = run(ours.server.port, [speaker.client()], seconds, seconds / 4)
        listener.result(len(speaker.acknowledged))
    audited(ours.environment, ours.room, [speaker.acknowledged])
    ours.messages = speaker.acknowledged[-1].number
    return outcome


_text = cache(Text)


def _said(key: str) -> str:
    source, _ = _text().of(int(key[1:], 16))
    return f"bench:0:{time.monotonic_ns()}; {source} {key}"


def _unread(ours: Product, seconds: float) -> Outcome:
    """Moving the mark that the counts are made from."""
    with reading(ours, [2]) as clients:
        return run(ours.server.port, clients, seconds, seconds / 4)


def _search(ours: Product, _seconds: float) -> Outcome:
    return Search(ours).run()


KINDS: dict[str, Work] = {
    "room page": _page,
    "catch-up": _catch_up,
    "unread counts": _unread,
    "sidebar": _sidebar,
    "post": _post,
}
