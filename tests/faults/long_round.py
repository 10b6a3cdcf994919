"""The long round: `python -m tests.faults.long_round --minutes 15`, on each database.

Chapters of a few minutes, each on fresh data and audited at its end (so that memory stays bounded),
until the time is over; then one table. Each chapter adds a line to `build/faults/results.jsonl`, so
that runs add up.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

from tests.faults.harness import results
from tests.faults.harness.history import clock
from tests.faults.harness.log import tail
from tests.faults.harness.progress import Progress
from tests.faults.harness.round import Cast, Round
from tests.faults.harness.scene import Place, Scene
from tests.faults.harness.stored import Stored
from tests.faults.harness.violation import Violation
from tests.faults.kinds.catalogue import everything
from tests.faults.kinds.clocks import Clock, NoCompilerError
from tests.faults.kinds.fault import Fault
from tests.faults.kinds.resources import SmallDisk

TITLES = {
    "sqlite": "SQLite",
    "disk": "SQLite, small disk",
    "postgresql": "PostgreSQL, Redis, 2 workers",
    "alone": "PostgreSQL, 2 workers",
}
SHARES = "sqlite=45 disk=10 postgresql=30 alone=15"
CHAPTER_SECONDS = 300.0
# Every message of a chapter must find room on the small disk until it is filled on purpose.
DISK_MEGABYTES = 1_500


def main() -> int:
    """Run it; the exit code is 1 when a promise was broken."""
    options = parsed()
    # A shell's background job ignores the one; either ends the run, with what was audited so far.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    run = LongRound(options)
    with suppress(KeyboardInterrupt):
        for place, seconds in plan(options):
            run.play_place(place, seconds)
    run.progress.close()
    sys.stdout.write(f"\n{results.table_of(run.lines)}\n\n{results.summary(run.lines)}\n")
    sys.stdout.write(f"\naudited over all runs:\n{results.summary(results.kept())}\n")
    return 1 if run.broken else 0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--minutes", type=float, default=16, help="how long, all places together (default 16)")
    add("--shares", default=SHARES, help=f"how much of it each place gets (default {SHARES!r})")
    add("--seed", type=int, default=random.randrange(10**6), help="same seed, same order of things")
    add("--writers", type=int, default=24, help="who write at the same time (default 24)")
    add("--observers", type=int, default=3, help="whose pages are compared (default 3)")
    add("--rooms", type=int, default=8, help="open rooms that they write into (default 8)")
    add("--calm", type=float, default=5, help="seconds between two faults (default 5)")
    only = "names of faults, with commas between: these only, in this order, again and again"
    add("--faults", default="", help=only)
    return parser.parse_args()


def plan(options: argparse.Namespace) -> list[tuple[str, float]]:
    """Which places, and for how many seconds each."""
    shares = {name: float(share) for name, share in (s.split("=") for s in options.shares.split())}
    whole = sum(shares.values())
    return [(name, share / whole * options.minutes * 60) for name, share in shares.items()]


class LongRound:
    """Everything one run does, and what it found."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.progress = Progress(options.minutes * 60)
        self.lines: list[results.Line] = []
        self.broken = False
        self._seeds = count(options.seed)

    def play_place(self, place: str, seconds: float) -> None:
        """Chapters until the time is over."""
        ends = clock() + seconds
        while (left := ends - clock()) > 0:
            try:
                self._play_chapter(place, min(CHAPTER_SECONDS, left))
            except PermissionError as error:
                self.progress.say(f"{TITLES[place]} is left out: {error}")
                return
            except Exception:
                # What this chapter wrote was not audited; the others still count.
                self.broken = True
                self.progress.say(traceback.format_exc())

    def _play_chapter(self, place: str, seconds: float) -> None:
        folder = Path(tempfile.mkdtemp(prefix="faults-"))
        disk = None
        try:
            clock_shim = self._make_clock(folder)
            if place == "disk":
                disk = SmallDisk(folder / "disk", DISK_MEGABYTES)
            scene = Scene(folder, make_place(place, folder, clock_shim))
            self._play(place, scene, clock_shim, seconds)
        finally:
            if disk is not None:
                disk.close()
            shutil.rmtree(folder, ignore_errors=True)

    def _make_clock(self, folder: Path) -> Clock | None:
        try:
            return Clock(folder / "clock")
        except NoCompilerError as error:
            self.progress.say(f"without clock jumps: {error}")
            return None

    def _play(self, place: str, scene: Scene, clock_shim: Clock | None, seconds: float) -> None:
        options, seed = self.options, next(self._seeds)
        cast = Cast(options.writers, options.observers, options.rooms, crowd=True, seed=seed)
        played = Round(scene, cast)
        try:
            scene.start()
            played.set_up()
            self.progress.say(f"{TITLES[place]}, seed {cast.seed}")
            began = clock()
            played.start()
            self._suffer(played, clock_shim, began + seconds)
            stored, violations = played.finish()
            lasted = clock() - began
        except BaseException:
            self.progress.say(tail(scene.server))
            raise
        finally:
            played.close()
            scene.close()
        self.lines.append(results.keep(TITLES[place], lasted, played, stored, violations))
        self._tell(scene, played, stored, violations)

    def _suffer(self, played: Round, clock_shim: Clock | None, ends: float) -> None:
        """Faults in the order of the chapter's seed, again and again."""
        before = self.progress.acked
        faults = chosen(played, clock_shim, self.options.faults)
        while clock() < ends:
            self.progress.doing = "calm"
            played.calm(self.options.calm)
            fault = next(faults)
            self.progress.doing = fault.name
            fall = played.suffer(fault)
            self.progress.acked = before + played.history.acked
            slowest = max(fall.recoveries, default=0.0)
            self.progress.event(f"{fault.name:24} recovered in {slowest:5.2f} s")
        self.progress.doing = "audit"

    def _tell(
        self, scene: Scene, played: Round, stored: Stored, violations: list[Violation]
    ) -> None:
        what = f"{played.history.acked:,} acknowledged, {len(stored.messages):,} messages stored"
        self.progress.event(f"audited: {what}, {len(violations)} violations")
        if not violations:
            return
        self.broken = True
        for violation in violations[:20]:
            self.progress.say(f"  {str(violation)[:1000]}")
        kept = results.RESULTS.with_name(f"{scene.place.database}-{played.cast.seed}.log")
        shutil.copyfile(scene.server.log_path, kept)
        self.progress.say(f"{tail(scene.server)}\nthe whole log: {kept}")


def make_place(name: str, folder: Path, clock_shim: Clock | None) -> Place:
    """`alone` is two workers without Redis: correct, only slower."""
    environment = clock_shim.environment if clock_shim else {}
    if name in ("sqlite", "disk"):
        data = folder / "disk" if name == "disk" else None
        return Place("sqlite", workers=1, data=data, environment=environment)
    return Place("postgresql", workers=2, redis=name != "alone", environment=environment)


def chosen(played: Round, clock_shim: Clock | None, only: str) -> Iterator[Fault]:
    """Faults without end: `only` these in their order, else all in the order of the seed."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    while True:
        faults = everything(played, clock_shim)
        if names:
            yield from named(names, faults)
            continue
        played.rng.shuffle(faults)
        yield from (fault for fault in faults if played.rng.random() < fault.odds)


def named(names: list[str], faults: list[Fault]) -> list[Fault]:
    """Those of the faults, in the order of the names; what this place cannot have is left out."""
    known = {fault.name: fault for fault in faults}
    found = [known[name] for name in names if name in known]
    if not found:
        sys.exit(f"No such faults here: {', '.join(names)}. There are: {', '.join(sorted(known))}.")
    return found


if __name__ == "__main__":
    sys.exit(main())
