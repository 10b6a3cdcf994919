"""What every fault is."""

from collections.abc import Sequence

from tests.faults.harness.recovery import Client
from tests.faults.harness.scene import Scene


class Fault:
    """Something that goes wrong for `hold` seconds. The name stands in the table."""

    name = "nothing"
    hold = 2.0
    # C6, C9, C11, C12, C18: after so many seconds everybody has recovered from it.
    bound = 5.0
    # Whether it ends processes of the server on purpose. Every worker outlives all others.
    kills = False
    # Whether nobody may notice it: writers have answers while it lasts.
    unnoticed = False
    # When it had ended, where that was before `heal`.
    ended: float | None = None
    # How likely it has its turn when all the others have theirs.
    odds = 1.0

    def fits(self, scene: Scene) -> bool:
        """Whether it can happen on this scene."""
        return True

    def inject(self, scene: Scene) -> None:
        """Make it go wrong."""

    def heal(self, scene: Scene) -> None:
        """End it. What was broken on purpose runs again when this returns."""

    def witnesses(self) -> Sequence[Client]:
        """Who else must have recovered from it, beside the round's own people."""
        return ()

    def clear(self) -> None:
        """Everybody has recovered: whoever was there for this alone goes away."""


class OnRedis(Fault):
    """One that needs a Redis."""

    # C10
    bound = 10.0

    def fits(self, scene: Scene) -> bool:
        return scene.redis is not None


class OnPostgreSQL(Fault):
    """One that needs a PostgreSQL."""

    # C10
    bound = 10.0

    def fits(self, scene: Scene) -> bool:
        return scene.postgresql is not None


class OnSQLite(Fault):
    """One that needs an SQLite file."""

    def fits(self, scene: Scene) -> bool:
        return scene.postgresql is None
