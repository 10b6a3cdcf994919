"""Which faults a round goes through."""

from tests.faults.harness.person import Person
from tests.faults.harness.scene import Scene
from tests.faults.kinds.clocks import Clock, ClockJump
from tests.faults.kinds.crowds import Flood, NeverReads
from tests.faults.kinds.databases import (
    ForeignLock,
    PostgreSQLAnswersLost,
    PostgreSQLCut,
    PostgreSQLCutMidAnswer,
    PostgreSQLKilled,
    PostgreSQLPaused,
    PostgreSQLRestarted,
    PostgreSQLSilent,
    PostgreSQLSlow,
)
from tests.faults.kinds.fault import Fault
from tests.faults.kinds.networks import (
    AnswersLost,
    ConnectionsCut,
    CutMidFrame,
    RequestsHeld,
    Silent,
    Slow,
    Throttled,
    Unreachable,
)
from tests.faults.kinds.processes import (
    AllKilled,
    MasterKilled,
    Reloaded,
    Restarted,
    WorkerKilled,
    WorkerStopped,
)
from tests.faults.kinds.relays import RedisCut, RedisDeaf, RedisKilled, RedisPaused, RedisSilent
from tests.faults.kinds.resources import DiskFull, NoMoreFiles

PROCESSES: list[type[Fault]] = [
    WorkerKilled,
    AllKilled,
    MasterKilled,
    WorkerStopped,
    Reloaded,
    Restarted,
]
NETWORKS: list[type[Fault]] = [
    ConnectionsCut,
    Unreachable,
    Silent,
    AnswersLost,
    RequestsHeld,
    Slow,
    Throttled,
    CutMidFrame,
]
STORES: list[type[Fault]] = [
    PostgreSQLRestarted,
    PostgreSQLKilled,
    PostgreSQLPaused,
    PostgreSQLCut,
    PostgreSQLSilent,
    PostgreSQLAnswersLost,
    PostgreSQLCutMidAnswer,
    PostgreSQLSlow,
    RedisPaused,
    RedisKilled,
    RedisSilent,
    RedisDeaf,
    RedisCut,
]
RESOURCES: list[type[Fault]] = [NoMoreFiles, DiskFull]


def short(scene: Scene) -> list[Fault]:
    """The faults of the short round: each of the important ones once, held briefly."""
    kinds: list[type[Fault]] = [WorkerKilled, AllKilled, Reloaded, Restarted, ConnectionsCut]
    kinds += [AnswersLost, CutMidFrame, PostgreSQLRestarted, RedisKilled, RedisCut]
    return fitting([*(kind() for kind in kinds), ForeignLock(3)], scene)


def everything(scene: Scene, clock: Clock | None, person: Person, room: int) -> list[Fault]:
    """The faults of the long round that this scene can have; `person` misbehaves in `room`."""
    faults = [kind() for kind in (*PROCESSES, *NETWORKS, *STORES, *RESOURCES)]
    faults += [ForeignLock(3), ForeignLock(40), NeverReads(person, room), Flood(person, room)]
    if clock is not None:
        faults += [ClockJump(clock, 3600), ClockJump(clock, -3600)]
    return fitting(faults, scene)


def fitting(faults: list[Fault], scene: Scene) -> list[Fault]:
    return [fault for fault in faults if fault.fits(scene)]
