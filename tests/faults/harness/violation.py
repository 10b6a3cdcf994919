"""One broken promise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong, in which phase it was begun, and enough to find it.

    Kinds: lost, doubled, misordered, unseen, leaked (the table's columns); altered, phantom,
    unfound, unlooked, unheard, stale, miscounted, failed, refused, unanswered, late, unrecovered,
    died, raised, presence (the table's "other").
    """

    kind: str
    phase: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind} ({self.phase or 'any'}): {self.detail}"
