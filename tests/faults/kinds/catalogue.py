"""Which faults a round goes through."""

from dataclasses import replace

from tests.faults.harness.round import Round
from tests.faults.harness.scene import Scene
from tests.faults.harness.writer import Writer
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
from tests.faults.kinds.duplicates import SentTwiceAtOnce
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
from tests.faults.kinds.storms import StormOfReturns

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


def everything(played: Round, clock: Clock | None) -> list[Fault]:
    """The faults of the long round that its scene can have; it needs a crowd."""
    person, room = played.admin, played.rooms[0]
    # Beside the one who writes all the time, with the same sign-in.
    twin = Writer(replace(person), [room], played.history, played.rng.getrandbits(32))
    faults = [kind() for kind in (*PROCESSES, *NETWORKS, *STORES, *RESOURCES)]
    faults += [ForeignLock(3), ForeignLock(40), NeverReads(person, room), Flood(person, room)]
    faults += [SentTwiceAtOnce(twin), StormOfReturns(played.crowd)]
    if clock is not None:
        faults += [ClockJump(clock, 3600), ClockJump(clock, -3600)]
    return fitting(faults, played.scene)


def fitting(faults: list[Fault], scene: Scene) -> list[Fault]:
    return [fault for fault in faults if fault.fits(scene)]
