"""The long round: `python -m tests.faults.long_round --minutes 15`, on each database.

Chapters of a few minutes, each on fresh data and audited at its end, until the time is over; then
one table. Each chapter adds a line to `build/faults/results.jsonl`, so that runs add up.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from tests.faults.harness.history import clock
from tests.faults.harness.round import Cast, Round
from tests.faults.harness.scene import Place, Scene
from tests.faults.harness.server import ROOT
from tests.faults.harness.table import Table
from tests.faults.kinds.catalogue import everything
from tests.faults.kinds.clocks import Clock, NoCompilerError
from tests.faults.kinds.resources import SmallDisk

RESULTS = ROOT / "build" / "faults" / "results.jsonl"
CHAPTER_SECONDS = 150.0
CALM_SECONDS = 1.0


def main() -> int:
    """Run it; the exit code is 1 when a promise was broken."""
    options = parsed()
    table, broken = Table(), 0
    with suppress(KeyboardInterrupt):
        for place, seconds in plan(options):
            broken += play_place(place, seconds, options, table)
    say(f"\n{table}\n\nacknowledged in all runs so far: {acked_so_far():,}")
    return 1 if broken else 0


def play_place(place: str, seconds: float, options: argparse.Namespace, table: Table) -> int:
    """Chapters until the time is over; returns how many violations they found."""
    ends, broken = clock() + seconds, 0
    for chapter in count(1):
        left = ends - clock()
        if left <= 0:
            break
        cast = Cast(options.writers, options.observers, seed=options.seed + chapter)
        broken += play_chapter(place, cast, min(CHAPTER_SECONDS, left), table)
    return broken


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=16, help="how long, all places together")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same order of things")
    parser.add_argument("--only", default="", help="sqlite, disk, postgresql or alone")
    parser.add_argument("--writers", type=int, default=6)
    parser.add_argument("--observers", type=int, default=6)
    return parser.parse_args()


def plan(options: argparse.Namespace) -> list[tuple[str, float]]:
    """Which places, and for how many seconds each."""
    shares = {"sqlite": 0.4, "disk": 0.1, "postgresql": 0.35, "alone": 0.15}
    if options.only:
        shares = {options.only: 1.0}
    return [(name, share * options.minutes * 60) for name, share in shares.items()]


def play_chapter(name: str, cast: Cast, seconds: float, table: Table) -> int:
    """One chapter on fresh data; returns how many violations it found."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    disk = None
    try:
        clock_shim = make_clock(folder)
        if name == "disk":
            disk = SmallDisk(folder / "disk")
        place = make_place(name, folder, clock_shim)
        say(f"\n{place.title}{' on a small disk' * (name == 'disk')}, seed {cast.seed}")
        return play(Scene(folder, place), cast, clock_shim, seconds, table)
    except PermissionError as error:
        say(f"left out: {error}")
        return 0
    finally:
        if disk is not None:
            disk.close()
        shutil.rmtree(folder, ignore_errors=True)


def make_clock(folder: Path) -> Clock | None:
    try:
        return Clock(folder / "clock")
    except NoCompilerError as error:
        say(f"without clock jumps: {error}")
        return None


def make_place(name: str, folder: Path, clock_shim: Clock | None) -> Place:
    """`alone` is two workers without Redis: correct, only slower."""
    environment = clock_shim.environment if clock_shim else {}
    if name in ("sqlite", "disk"):
        data = folder / "disk" if name == "disk" else None
        return Place("sqlite", workers=1, data=data, environment=environment)
    return Place("postgresql", workers=2, redis=name != "alone", environment=environment)


def play(scene: Scene, cast: Cast, clock_shim: Clock | None, seconds: float, table: Table) -> int:
    played = Round(scene, cast)
    try:
        scene.start()
        played.set_up()
        played.start()
        suffer_until(played, clock_shim, clock() + seconds)
        stored, violations = played.finish()
    finally:
        played.close()
        scene.close()
    table.add(played.history, stored, violations)
    keep(played, len(violations))
    for violation in violations[:20]:
        say(f"  {str(violation)[:1000]}")
    if violations:
        keep_log(scene, cast.seed)
    return len(violations)


def suffer_until(played: Round, clock_shim: Clock | None, ends: float) -> None:
    """Faults in the order of the chapter's seed, again and again."""
    played.calm(CALM_SECONDS)
    faults = shuffled(played, clock_shim)
    while clock() < ends:
        fault = next(faults)
        fall = played.suffer(fault)
        slowest = max(fall.recoveries, default=0.0)
        say(f"  {fault.name:24} recovered in {slowest:5.2f} s, {played.history.acked:8,} acked")
        played.calm(CALM_SECONDS)


def shuffled(played: Round, clock_shim: Clock | None) -> Iterator:
    while True:
        faults = everything(played.scene, clock_shim, played.admin, played.rooms[0])
        played.rng.shuffle(faults)
        yield from faults


def keep(played: Round, violations: int) -> None:
    """Add this chapter to the results of all runs."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "place": played.scene.place.title,
        "seed": played.cast.seed,
        "acked": played.history.acked,
        "faults": len(played.history.falls),
        "violations": violations,
    }
    with RESULTS.open("a") as file:
        file.write(json.dumps(line) + "\n")


def keep_log(scene: Scene, seed: int) -> None:
    kept = RESULTS.parent / f"{scene.place.database}-{seed}-{random.getrandbits(24):06x}.log"
    shutil.copyfile(scene.server.log_path, kept)
    say(f"  the server's log: {kept}")


def acked_so_far() -> int:
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    return sum(json.loads(line)["acked"] for line in lines)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
