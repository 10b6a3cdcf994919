"""Faults of Redis and the way to it."""

from tests.faults.harness.proxy import UP
from tests.faults.harness.scene import Scene
from tests.faults.kinds.fault import OnRedis


class RedisPaused(OnRedis):
    """Redis stands still; its connections stay open."""

    name = "Redis paused"
    hold = 5.0

    def inject(self, scene: Scene) -> None:
        assert scene.redis is not None
        scene.redis.pause()

    def heal(self, scene: Scene) -> None:
        assert scene.redis is not None
        scene.redis.go_on()


class RedisKilled(OnRedis):
    """`kill -9` of Redis, then started again, empty."""

    name = "Redis killed"
    hold = 3.0

    def inject(self, scene: Scene) -> None:
        assert scene.redis is not None
        scene.redis.kill()

    def heal(self, scene: Scene) -> None:
        assert scene.redis is not None
        scene.redis.start()


class RedisSilent(OnRedis):
    """A half-open connection: nothing arrives from Redis, and nobody is told."""

    name = "Redis silent"
    hold = 6.0

    def inject(self, scene: Scene) -> None:
        assert scene.redis_proxy is not None
        scene.redis_proxy.blackhole()

    def heal(self, scene: Scene) -> None:
        """What was swallowed stays swallowed: the connections are cut."""
        assert scene.redis_proxy is not None
        scene.redis_proxy.heal_anew()


class RedisDeaf(RedisSilent):
    """What Redis is told does not arrive; what it says does."""

    name = "Redis deaf"
    hold = 4.0

    def inject(self, scene: Scene) -> None:
        assert scene.redis_proxy is not None
        scene.redis_proxy.blackhole(UP)


class RedisCut(OnRedis):
    """Every connection to Redis is reset once."""

    name = "Redis cut"
    hold = 0.3

    def inject(self, scene: Scene) -> None:
        assert scene.redis_proxy is not None
        scene.redis_proxy.reset()
