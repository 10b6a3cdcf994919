"""How long and how often to measure, and the turns that ours and the peers take."""

import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from benchmarks.results import Sample


@dataclass(frozen=True)
class Plan:
    """`rounds` of `seconds` each. `most`: the longest history. `missing`: who is, and why."""

    rounds: int = 3
    seconds: float = 5.0
    warm_up: float = 1.0
    most: int = 10_000_000
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Turn:
    """What one contestant has reached so far, or why it could not."""

    sample: Sample = field(default_factory=Sample)
    missing: str = ""


def take_turns(
    rounds: int,
    contestants: Mapping[str, Callable[[], float]],
    peers: Collection[str],
    missing: Mapping[str, str] | None = None,
) -> dict[str, Turn]:
    """Let each measure once a round, so that whatever the machine does meanwhile hits all alike.

    `missing`: who cannot take part, and why. One of the `peers` that fails is missing, too, with
    the reason; where ours fails, there is no result.
    """
    turns = {name: Turn(missing=(missing or {}).get(name, "")) for name in contestants}
    for number in range(1, rounds + 1):
        for name, measure in contestants.items():
            if turns[name].missing:
                continue
            try:
                value = measure()
            except Exception as error:
                if name not in peers:
                    raise
                # What it reached before is no result, either.
                turns[name] = Turn(missing=f"{type(error).__name__}: {error}"[:300])
                tell(f"{name}: {turns[name].missing}")
                continue
            turns[name].sample.values.append(value)
            tell(f"round {number}/{rounds}  {name:28} {value:12,.2f}")
    return turns


def tell(line: str) -> None:
    """One line of progress."""
    print(f"    {time.strftime('%H:%M:%S')}  {line}", file=sys.stderr, flush=True)
