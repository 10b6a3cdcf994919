"""Two weeks of a room: what is said there, when, and what becomes of it."""

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from chatapp.cli.demonstration.rooms import Plan
from chatapp.cli.demonstration.scenes import Said, perform
from chatapp.domain.imports import PastMessage

DAYS = 14
MOST_REACTIONS = 9
# Shares of all messages.
EDITED, DELETED, REACTED, CHEERED = 0.04, 0.012, 0.15, 0.7


def of_room(
    plan: Plan, room_id: int, ids: Mapping[str, int], until: datetime, rng: random.Random
) -> list[PastMessage]:
    """The room's messages in the order of their times, which end before `until`."""
    scenes = _scenes(plan, rng)
    said = [line for scene in scenes for line in scene][-plan.messages :]
    times = _times(said, until, rng)
    return [
        _message(plan, room_id, ids, line, moment, until, rng)
        for line, moment in zip(said, times, strict=True)
    ]


def _scenes(plan: Plan, rng: random.Random) -> list[list[Said]]:
    scenes: list[list[Said]] = []
    length = 0
    for scene in perform(plan.talk, plan.members, rng):
        scenes.append(scene)
        length += len(scene)
        if length >= plan.messages:
            break
    return scenes


def _times(said: list[Said], until: datetime, rng: random.Random) -> list[datetime]:
    """A moment for each line: scenes begin at office hours, mostly, and lines follow quickly."""
    count = sum(line.begins for line in said) + 1
    starts = iter(sorted(_starts(count, until, rng)))
    times: list[datetime] = []
    moment = next(starts)
    for line in said:
        pause = timedelta(seconds=rng.uniform(8, 45) + len(line.text) / rng.uniform(3, 8))
        if line.begins:
            moment = max(next(starts), moment)
        moment += pause
        times.append(moment)
    return _before(until, times)


def _starts(count: int, until: datetime, rng: random.Random) -> Iterator[datetime]:
    # The last one has just been: somebody who looks at the room finds it alive.
    yield until - timedelta(minutes=rng.uniform(6, 50))
    while count > 1:
        day = (until - timedelta(days=rng.uniform(0, DAYS))).replace(hour=0, minute=0, second=0)
        moment = day + timedelta(hours=rng.triangular(7, 20, 11))
        if moment < until - timedelta(hours=1) and (day.weekday() < 5 or rng.random() < 0.2):
            yield moment
            count -= 1


def _before(until: datetime, times: list[datetime]) -> list[datetime]:
    """The same moments, pushed back where they would reach into the future."""
    kept = [min(times[-1], until)]
    for moment in reversed(times[:-1]):
        kept.append(min(moment, kept[-1] - timedelta(seconds=5)))
    kept.reverse()
    assert all(earlier < later for earlier, later in pairwise(kept))
    return kept


def _message(
    plan: Plan,
    room_id: int,
    ids: Mapping[str, int],
    line: Said,
    posted_at: datetime,
    until: datetime,
    rng: random.Random,
) -> PastMessage:
    deleted = rng.random() < DELETED
    edited = not deleted and rng.random() < EDITED
    later = min(posted_at + timedelta(seconds=rng.uniform(20, 600)), until)
    return PastMessage(
        room_id=room_id,
        author_id=ids[line.user_name],
        client_key=f"seed-{rng.getrandbits(64):016x}",
        body=line.text,
        posted_at=posted_at,
        edited_at=later if edited else None,
        deleted_at=later if deleted else None,
        reactions=() if deleted else _reactions(plan, ids, line, rng),
    )


def _reactions(
    plan: Plan, ids: Mapping[str, int], line: Said, rng: random.Random
) -> list[tuple[str, int]]:
    # What begins in bold is news, and news is cheered.
    news = line.text.startswith("**")
    if rng.random() > (CHEERED if news else REACTED):
        return []
    others = [name for name in plan.members if name != line.user_name]
    count = rng.randint(4, MOST_REACTIONS) if news else rng.choice((1, 1, 1, 2, 2, 3, 4))
    people = rng.sample(others, min(count, len(others)))
    few = rng.sample(plan.emoji, 2)
    return [(few[0] if rng.random() < 0.7 else few[1], ids[name]) for name in people]
