"""Faults of the database."""

import sqlite3

from tests.faults.harness.proxy import DOWN
from tests.faults.harness.scene import Scene
from tests.faults.kinds.fault import OnPostgreSQL, OnSQLite


class PostgreSQLRestarted(OnPostgreSQL):
    """Stopped as by `pg_ctl stop -m immediate`, then started again."""

    name = "PostgreSQL stopped"
    hold = 2.0

    def inject(self, scene: Scene) -> None:
        assert scene.postgresql is not None
        scene.postgresql.stop_immediately()

    def heal(self, scene: Scene) -> None:
        assert scene.postgresql is not None
        scene.postgresql.start()


class PostgreSQLKilled(PostgreSQLRestarted):
    """`kill -9` of every process of PostgreSQL, then started again: it recovers from its log."""

    name = "PostgreSQL killed"

    def inject(self, scene: Scene) -> None:
        assert scene.postgresql is not None
        scene.postgresql.kill_all()


class PostgreSQLPaused(OnPostgreSQL):
    """Every process of PostgreSQL stands still; its connections stay open."""

    name = "PostgreSQL paused"
    hold = 5.0

    def inject(self, scene: Scene) -> None:
        assert scene.postgresql is not None
        scene.postgresql.pause()

    def heal(self, scene: Scene) -> None:
        assert scene.postgresql is not None
        scene.postgresql.go_on()


class PostgreSQLCut(OnPostgreSQL):
    """Every connection to PostgreSQL is reset, and new ones are refused for a while."""

    name = "PostgreSQL cut"
    hold = 2.0

    def inject(self, scene: Scene) -> None:
        assert scene.postgresql_proxy is not None
        scene.postgresql_proxy.reset(refuse=True)

    def heal(self, scene: Scene) -> None:
        assert scene.postgresql_proxy is not None
        scene.postgresql_proxy.heal()


class PostgreSQLSilent(PostgreSQLCut):
    """Nothing gets through to PostgreSQL or back, and no connection closes."""

    name = "PostgreSQL silent"
    hold = 6.0

    def inject(self, scene: Scene) -> None:
        assert scene.postgresql_proxy is not None
        scene.postgresql_proxy.blackhole()


class PostgreSQLAnswersLost(PostgreSQLCut):
    """What is asked arrives, a COMMIT too; no answer comes. Then the connections are cut."""

    name = "PostgreSQL answers lost"
    hold = 4.0

    def inject(self, scene: Scene) -> None:
        assert scene.postgresql_proxy is not None
        scene.postgresql_proxy.blackhole(DOWN)

    def heal(self, scene: Scene) -> None:
        assert scene.postgresql_proxy is not None
        scene.postgresql_proxy.heal_anew()


class PostgreSQLCutMidAnswer(PostgreSQLCut):
    """Each connection to PostgreSQL ends in the middle of what it carries."""

    name = "PostgreSQL cut mid-answer"

    def inject(self, scene: Scene) -> None:
        assert scene.postgresql_proxy is not None
        scene.postgresql_proxy.cut_mid_frame(700)


class PostgreSQLSlow(PostgreSQLCut):
    """Each way to PostgreSQL and back takes 50 ms longer."""

    name = "PostgreSQL slow"
    hold = 4.0

    def inject(self, scene: Scene) -> None:
        assert scene.postgresql_proxy is not None
        scene.postgresql_proxy.delay(0.05)


class ForeignLock(OnSQLite):
    """Another process holds SQLite's write lock."""

    def __init__(self, seconds: float) -> None:
        self.hold = seconds
        self.name = f"SQLite locked {seconds:.0f} s"
        # Nothing is written meanwhile: the long one would fill the round.
        self.odds = min(1.0, 10 / seconds)
        self.connection: sqlite3.Connection | None = None

    def inject(self, scene: Scene) -> None:
        path = scene.server.database_url.removeprefix("sqlite:///")
        self.connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        self.connection.execute("BEGIN IMMEDIATE")

    def heal(self, scene: Scene) -> None:
        if self.connection is not None:
            self.connection.execute("ROLLBACK")
            self.connection.close()
            self.connection = None
