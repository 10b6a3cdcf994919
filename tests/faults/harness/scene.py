"""Everything one round runs on: gunicorn, its database, Redis, and a proxy before each."""

from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.harness.proxy import Proxy
from tests.faults.harness.server import Server
from tests.faults.harness.services import PostgreSQL, Redis
from tests.faults.harness.wire import Address


@dataclass
class Place:
    """What to set up. `environment` goes to gunicorn; `data` is where SQLite's file lies."""

    database: str = "sqlite"
    workers: int = 1
    redis: bool = False
    app: str = "wsgi:app"
    data: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def hears_all_at_once(self) -> bool:
        """Whether its pages are told what is said on any worker, and need not ask for it."""
        return self.workers == 1 or self.redis

    @property
    def title(self) -> str:
        redis = " and Redis" if self.redis else ""
        return f"{self.database}{redis}, {self.workers} worker{'s' * (self.workers > 1)}"


class Scene:
    """A place that runs. Faults take hold of its parts; `front` is where people connect."""

    def __init__(self, folder: Path, place: Place) -> None:
        self.folder = folder
        self.place = place
        folder.mkdir(parents=True, exist_ok=True)
        self.redis: Redis | None = None
        self.redis_proxy: Proxy | None = None
        self.postgresql: PostgreSQL | None = None
        self.postgresql_proxy: Proxy | None = None
        environment = dict(place.environment)
        if place.redis:
            environment["REDIS_URL"] = self._start_redis()
        url = self._start_postgresql() if place.database == "postgresql" else ""
        data = place.data or self._folder("instance")
        self.server = Server(data, url, place.workers, place.app, **environment)
        self.front = Proxy(self.server.address)

    @property
    def store_url(self) -> str:
        """Where the checker reads the database, past every proxy."""
        return self.postgresql.url if self.postgresql else self.server.database_url

    @property
    def address(self) -> Address:
        """Where people connect."""
        return self.front.address

    def start(self) -> None:
        self.server.migrate()
        self.server.start()

    def close(self) -> None:
        """End everything that was started."""
        self.front.close()
        self.server.stop()
        for proxy in (self.redis_proxy, self.postgresql_proxy):
            if proxy is not None:
                proxy.close()
        for service in (self.redis, self.postgresql):
            if service is not None:
                service.close()

    def _folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _start_redis(self) -> str:
        self.redis = Redis(self._folder("redis"))
        self.redis.start()
        self.redis_proxy = Proxy(self.redis.address)
        return f"redis://127.0.0.1:{self.redis_proxy.address[1]}/0"

    def _start_postgresql(self) -> str:
        self.postgresql = PostgreSQL()
        self.postgresql.start()
        self.postgresql_proxy = Proxy(self.postgresql.address)
        return self.postgresql.url_at(self.postgresql_proxy.address)
