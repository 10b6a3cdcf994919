"""How soon 100 members have a message, at 50 posts a second, while people sign in.

The clock starts when a post is due, before its request is even sent, and stops when the frame has
been read by the last of them: the request, the transaction and the wait for a free core are all in
it. From commit to frame, which the bar speaks of, is less.
"""

from collections.abc import Iterator

from benchmarks.audit import audited
from benchmarks.load.listening import viewing
from benchmarks.load.posters import posters, said
from benchmarks.load.schedule import Scheduled
from benchmarks.load.sign_ins import SignIns
from benchmarks.plan import Plan, tell
from benchmarks.product import Product, product
from benchmarks.results import Row

WORK = "latency"
MEMBERS, LINES, POSTS_A_SECOND, SIGN_INS_A_SECOND = 100, 16, 50, 5
# Where fewer people can sign in, there is no result.
SHARE_OF_SIGN_INS = 0.95
BARS = {"p50_ms": 10, "p99_ms": 50}


def barred(_plan: Plan) -> list[Row]:
    """The rows with a bar, before anything is measured."""
    return [
        Row(WORK, f"delivery latency, {name[:3]}", "ms", bar, at_least=False)
        for name, bar in BARS.items()
    ]


def measure(plan: Plan) -> Iterator[Row]:
    """The median and the 99th percentile over the messages, each as late as its last delivery."""
    rows = dict(zip(BARS, barred(plan), strict=True))
    wanted = {"people": MEMBERS, "signed_in": MEMBERS, "messages": 40, "passwords": 1}
    with product(wanted) as ours:
        for number in range(1, plan.rounds + 1):
            counts, sign_ins = _round(ours, round(plan.seconds * POSTS_A_SECOND))
            for name, row in rows.items():
                row.ours.values.append(counts[name])
                row.note = f"{sign_ins.reached:.1f} sign-ins a second; from before the request"
            told = f"p50 {counts['p50_ms']:.1f} ms, p99 {counts['p99_ms']:.1f} ms"
            tell(f"round {number}/{plan.rounds}  {told}, {sign_ins.reached:.1f} sign-ins/s")
    yield from rows.values()


def _round(ours: Product, count: int) -> tuple[dict[str, float], SignIns]:
    port, due = ours.server.port, [0]
    speakers = posters(ours.clients[:LINES], 1, lambda key: f"bench:0:{due[0]}; {said(key)}")
    with (
        viewing(ours, MEMBERS, count) as all_of_them,
        SignIns(port, MEMBERS, SIGN_INS_A_SECOND) as sign_ins,
    ):
        line = Scheduled([speaker.client() for speaker in speakers], POSTS_A_SECOND)
        line.run(port, count, lambda moment: due.__setitem__(0, moment))
        counts = all_of_them.result()
    if sign_ins.failures or sign_ins.reached < SIGN_INS_A_SECOND * SHARE_OF_SIGN_INS:
        raise ValueError(f"{sign_ins.reached:.1f} sign-ins a second, {sign_ins.failures[:3]}")
    audited(ours.environment, ours.room, [speaker.acknowledged for speaker in speakers])
    return counts, sign_ins
