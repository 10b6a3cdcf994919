"""Settings, read from the environment: one class per environment, and nothing else.

Each setting is a class attribute named as its environment variable; docs/configuration.md lists
them. Only the standard library is imported here: gunicorn reads this before gevent patches it.
"""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from fcntl import LOCK_EX, flock
from ipaddress import IPv6Address
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Generic, Self, TypeVar, overload
from unicodedata import normalize
from urllib.parse import quote, unquote, urlsplit

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent
SECRET_BYTES = 32
# Secrets that stand in documents, this project's and others': whoever reads them can sign cookies.
KNOWN_SECRETS = frozenset({"test-only-secret-of-more-than-32-bytes", "change-me", "dev", "secret"})
DEFAULT_PORTS = {"http": 80, "https": 443}
# Those of redis-py that say how to get there.
REDIS_OPTION = (
    r"(?:(?:db|protocol|max_connections|health_check_interval|socket(?:_connect)?_timeout)=\d+"
    r"|(?:username|password|client_name)=[^&]*"
    r"|ssl_cert_reqs=(?:none|optional|required)|ssl_check_hostname=\w+"
    r"|ssl_(?:ca_certs|ca_path|certfile|keyfile|password)=[^&]+)"
)
WINDOW = re.compile(r"[1-9]\d* per ([1-9]\d* )?(second|minute|hour|day)s?")


class SettingError(Exception):
    """A setting that chatapp does not start with; `str()` is one line for the operator."""


class Setting(Generic[T]):
    """One environment variable: its default, how it is read, and what is allowed in words."""

    name = ""

    def __init__(self, default: T, read: Callable[[str], T], allowed: str):
        self.default, self.read, self.allowed = default, read, allowed

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        return self if instance is None else instance.__dict__.get(self.name, self.default)

    def __set__(self, instance: object, value: T) -> None:
        instance.__dict__[self.name] = value

    def value(self, environment: Mapping[str, str]) -> T:
        """What the environment says; an empty variable counts as none. Raises `SettingError`."""
        text = environment.get(self.name, "").strip()
        if not text:
            return self.default
        try:
            return self.read(text)
        except ValueError:
            shown = "what was given" if self._is_private else repr(text)
            raise SettingError(f"{self.name} cannot be {shown}: {self.allowed}.") from None

    @property
    def _is_private(self) -> bool:
        """Logs and tickets are read by many, and an address can have a password in it."""
        return "SECRET" in self.name or self.name.endswith("_URL")


def matching(pattern: str, value: str) -> str:
    if not re.fullmatch(pattern, value):
        raise ValueError(value)
    return value


def long_enough(secret: str) -> str:
    return matching(rf".{{{SECRET_BYTES},}}", secret)


def within(value: str, least: int, most: int) -> int:
    number = int(value)
    if not least <= number <= most:
        raise ValueError(value)
    return number


def parsed_origin(value: str) -> str:
    """The address as browsers write it in `Origin`, which is compared with it."""
    parts = urlsplit(value.rstrip("/"))
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError(value)
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        raise ValueError(value)
    port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    host = matching(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]", browsers_host(parts.hostname))
    return f"{parts.scheme}://{host}{port}"


def browsers_host(host: str) -> str:
    if ":" in host:
        return bracketed(str(IPv6Address(host)))
    return ".".join(map(ascii_label, normalize("NFKC", host.lower()).split(".")))


def ascii_label(label: str) -> str:
    """Not by Python's codec "idna": it writes "ss" for the German sharp s, as browsers once did."""
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def bracketed(host: str) -> str:
    """As it stands before a port: the colons of IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def text(default: str, pattern: str, allowed: str) -> Setting[str]:
    return Setting(default, lambda value: matching(pattern, value), allowed)


def url(pattern: str, place_of: Callable[[str], str], allowed: str) -> Setting[str]:
    """An address; `place_of` it, with what comes before taken away, says host and port."""

    def read(value: str) -> str:
        _ = urlsplit(place_of(matching(pattern, value))).port
        return value

    return Setting("", read, allowed)


def after_password(value: str) -> str:
    """SQLAlchemy takes what a password has in it, "/" and "#" too, up to the last "@"."""
    return "//" + value.rpartition("@")[2].rpartition("://")[2]


def choice(default: str, *values: str) -> Setting[str]:
    allowed = "one of " + ", ".join(values)
    return Setting(default, lambda value: matching("|".join(values), value.lower()), allowed)


def whole(default: int, least: int, most: int) -> Setting[int]:
    return Setting(
        default, lambda value: within(value, least, most), f"a whole number, {least} to {most}"
    )


def folder(default: Path) -> Setting[Path]:
    """Only shells know what "~" means, and not everywhere."""
    return Setting(
        default, lambda value: Path(matching("[^~].*", value)).resolve(), "a folder, without ~"
    )


def words(allowed: str, read: Callable[[str], str]) -> Setting[tuple[str, ...]]:
    """Any number of words, with spaces or commas between them."""
    return Setting((), lambda value: tuple(map(read, re.split(r"[,\s]+", value))), allowed)


def rate(default: str) -> Setting[str]:
    return text(default, WINDOW.pattern, 'a rate such as "20 per 10 seconds"')


def origin(default: str) -> Setting[str]:
    return Setting(
        default, parsed_origin, "an address such as https://chat.example.org, without a path"
    )


class Config:
    """What every environment shares."""

    # Which of them it is, for whoever looks whether all is well.
    ENVIRONMENT = "production"

    # The process.
    HOST = text("127.0.0.1", r"\S+", "an address to listen on")
    PORT = whole(8000, 1, 65535)
    BIND = text("", r"unix:\S+|\S*:\d{1,5}", "host:port or unix:/path, instead of HOST and PORT")
    WEB_CONCURRENCY = whole(0, 1, 256)
    WORKER_CONNECTIONS = whole(20_000, 10, 1_000_000)
    SOCKET_CAPACITY = whole(20_000, 1, 1_000_000)
    SOCKETS_PER_PERSON = whole(1_000, 1, 1_000_000)
    MAX_REQUESTS = whole(0, 0, 1_000_000_000)
    LOG_LEVEL = choice("info", "debug", "info", "warning", "error")
    LOG_FORMAT = choice("json", "json", "text")

    # Where the data is.
    INSTANCE_PATH = folder(ROOT / "instance")
    # A database in memory would be another one in each process, and empty at each start; a path
    # that is not whole would begin wherever the code is, which the next version may replace.
    DATABASE_URL = url(
        r"sqlite:////(?!~|.*(:memory:|mode=memory))[^?].*|postgres(ql)?(\+psycopg)?://.*",
        after_password,
        "a file by its whole path (sqlite:////path/to/file, four slashes, without ~) or"
        " postgresql://user:password@host/name",
    )
    # redis-py takes a name for the database 0, and falls over an option that it does not know.
    REDIS_URL = url(
        r"(?!(redis|unix)://.*[?&]ssl_)(rediss?://[^/?]+(/\d*)?|unix://[^?]+)"
        rf"(\?{REDIS_OPTION}(&{REDIS_OPTION})*)?",
        str,
        "redis://host/number, rediss:// (TLS, alone with options such as ssl_cert_reqs=none) or"
        " unix://, with a password's / : # @ ? spelt out (%2F, %3A, %23, %40, %3F)",
    )

    # What is around it.
    BASE_URL = origin("")
    ALLOWED_ORIGINS = words("addresses such as https://chat.example.org", parsed_origin)
    TRUSTED_PROXIES = whole(0, 0, 10)
    HSTS_SECONDS = whole(31_536_000, 0, 63_072_000)

    # Sign-ins.
    SECRET_KEY = text("", rf".{{{SECRET_BYTES},}}", f"at least {SECRET_BYTES} characters")
    SECRET_KEY_FALLBACKS = words("earlier values of SECRET_KEY", long_enough)
    SESSION_HOURS = whole(24, 1, 8760)
    KEPT_SESSION_DAYS = whole(90, 1, 3650)
    # What hashing a password costs: passes and memory of RFC 9106's choice for scarce memory.
    PASSWORD_TIME_COST = whole(3, 1, 100)
    PASSWORD_MEMORY_KIB = whole(65_536, 8, 4_194_304)

    # How often one person or address may do a thing.
    RATE_SIGN_IN = rate("10 per 5 minutes")
    RATE_SIGN_IN_ADDRESS = rate("100 per 5 minutes")
    RATE_REGISTER = rate("20 per 10 minutes")
    RATE_REGISTER_ADDRESS = rate("100 per hour")
    RATE_POST = rate("20 per 10 seconds")
    RATE_POST_ADDRESS = rate("2000 per 10 seconds")
    RATE_REACT = rate("30 per 10 seconds")
    RATE_CHANGE = rate("30 per 10 seconds")
    RATE_SEARCH = rate("20 per 10 seconds")
    RATE_SOCKET = rate("30 per 10 seconds")
    RATE_SOCKET_ADDRESS = rate("2000 per 10 seconds")

    def __init__(self, environment: Mapping[str, str]):
        for name, setting in settings(type(self)).items():
            setattr(self, name, setting.value(environment))
        self._finish()

    def _finish(self) -> None:
        """What follows from the settings; Flask and its extensions know these names."""
        self.SQLALCHEMY_DATABASE_URI = self._database_uri()
        self.SECRET_KEY = self.SECRET_KEY or embedded_secret(self.INSTANCE_PATH)
        self.WEB_CONCURRENCY = self.WEB_CONCURRENCY or self._workers()
        self.BIND = self.BIND or f"{bracketed(self.HOST)}:{self.PORT}"
        secure = self.BASE_URL.startswith("https://")
        self.SESSION_COOKIE_SECURE = secure
        self.SESSION_COOKIE_NAME = "__Host-chatapp" if secure else "chatapp"
        self.SESSION_COOKIE_SAMESITE = "Lax"
        # A tab that slept must still be able to send: the token lives as long as the sign-in.
        self.WTF_CSRF_TIME_LIMIT = None
        # Forms and messages only: the longest message, each letter spelt out, takes 117 KB. Who
        # sends twice as much still hears how long one may be.
        self.MAX_CONTENT_LENGTH = 256 * 1024

    def _database_uri(self) -> str:
        if not self.DATABASE_URL:
            # "%" and "?" mean something in an address.
            return f"sqlite:///{quote(str(place_of('chatapp.sqlite3', self.INSTANCE_PATH)))}"
        return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", self.DATABASE_URL)

    def sqlite_file(self) -> Path | None:
        """Where the database is, when it is SQLite's."""
        found = re.match(r"sqlite:///(file:)?([^?]+)", self.SQLALCHEMY_DATABASE_URI)
        return Path(unquote(found[2])) if found else None

    def _workers(self) -> int:
        """SQLite takes one writer at a time, and one process serves it best."""
        sqlite = self.SQLALCHEMY_DATABASE_URI.startswith("sqlite")
        return 1 if sqlite else os.cpu_count() or 1


class DevelopmentConfig(Config):
    """For `flask run --debug`."""

    ENVIRONMENT = "development"
    DEBUG = True
    LOG_FORMAT = choice("text", "json", "text")


class TestConfig(Config):
    """For the tests: nothing is slow, and nobody is too fast."""

    ENVIRONMENT = "test"
    TESTING = True
    # A real server under test answers errors as it does for people.
    PROPAGATE_EXCEPTIONS = False
    DATABASE_URL = text(f"sqlite:///{gettempdir()}/chatapp-test.sqlite3", ".*", "any")
    SECRET_KEY = text("test-only-secret-of-more-than-32-bytes", ".*", "any")
    PASSWORD_TIME_COST = whole(1, 1, 100)
    PASSWORD_MEMORY_KIB = whole(8, 8, 4_194_304)
    RATE_SIGN_IN = rate("100000 per second")
    RATE_SIGN_IN_ADDRESS = rate("100000 per second")
    RATE_REGISTER = rate("100000 per second")
    RATE_REGISTER_ADDRESS = rate("100000 per second")
    RATE_POST = rate("100000 per second")
    RATE_POST_ADDRESS = rate("100000 per second")
    RATE_REACT = rate("100000 per second")
    RATE_CHANGE = rate("100000 per second")
    RATE_SEARCH = rate("100000 per second")
    RATE_SOCKET = rate("100000 per second")
    RATE_SOCKET_ADDRESS = rate("100000 per second")


class ProductionConfig(Config):
    """For people. Refuses a secret that somebody else can know."""

    def _finish(self) -> None:
        if _is_guessed(self.SECRET_KEY):
            raise SettingError(
                "SECRET_KEY cannot be what was given: it is known or easily guessed. "
                "Leave it out, and one is made in the instance folder."
            )
        if any(map(_is_guessed, self.SECRET_KEY_FALLBACKS)):
            raise SettingError(
                "SECRET_KEY_FALLBACKS cannot be what was given: one of them is known or easily"
                " guessed, and cookies signed with it would be believed. Leave that one out."
            )
        super()._finish()


def _is_guessed(secret: str) -> bool:
    return secret.lower() in KNOWN_SECRETS or len(set(secret)) == 1


ENVIRONMENTS = {
    "development": DevelopmentConfig,
    "test": TestConfig,
    "production": ProductionConfig,
}


def current(environment: Mapping[str, str] = os.environ) -> Config:
    """The settings for this environment: `CHATAPP_ENV`, production when unset.

    Raises `SettingError`.
    """
    name = environment.get("CHATAPP_ENV") or "production"
    if name not in ENVIRONMENTS:
        raise SettingError(f"CHATAPP_ENV cannot be {name!r}: one of {', '.join(ENVIRONMENTS)}.")
    return ENVIRONMENTS[name](environment)


def settings(kind: type[Config] = Config) -> dict[str, Setting[Any]]:
    """Every setting of that class by its name, inherited ones included."""
    found = {name: getattr(kind, name) for name in dir(kind) if name.isupper()}
    return {name: value for name, value in found.items() if isinstance(value, Setting)}


def place_of(name: str, folder: Path) -> Path:
    """That file in the folder. Only where it is missing has the folder to be writable.

    Whoever backs up what is on a broken disk, or looks for what is wrong, needs no more.
    """
    return folder / name if os.path.exists(folder / name) else writable(folder) / name


def writable(path: Path) -> Path:
    """The folder, made if needed, for its owner's eyes only. Raises `SettingError`."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"INSTANCE_PATH: the folder {path} cannot be made ({error.strerror})."
        ) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise SettingError(f"INSTANCE_PATH: the folder {path} cannot be written to.")
    return path


def hindrance(path: Path) -> str:
    """Why this process cannot write to what is there, in words; empty where it can."""
    is_folder = path.is_dir()
    if os.access(path, os.W_OK | os.X_OK if is_folder else os.W_OK):
        return ""
    kind = "folder" if is_folder else "file"
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return f"the disk of the {kind} {path} is read-only"
    return f"the {kind} {path} cannot be written to by this user (uid {os.geteuid()})"


def embedded_secret(instance: Path) -> str:
    """The secret kept in the instance folder, made once; of processes that race, one wins."""
    path = place_of("secret_key", instance)
    try:
        secret = (path.read_text().strip() if path.exists() else "") or _made_secret(path)
    except OSError as error:
        raise SettingError(
            f"The secret in {path} can be neither read nor made ({error.strerror}): "
            "it has to belong to the user that serves."
        ) from None
    except UnicodeDecodeError:
        secret = ""
    # Zeros are what a disk leaves of a file that it lost, and everybody could sign with them.
    if "\0" in secret or len(secret) < SECRET_BYTES:
        raise SettingError(
            f"The secret in {path} is damaged or too short. Put back the one that was kept with the"
            " backups; or remove the file to get a new one, and everybody signs in anew."
        )
    return secret


def _made_secret(path: Path) -> str:
    """Written by whoever locks the file first and finds it empty."""
    with open(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+") as file:
        flock(file, LOCK_EX)
        secret = file.read().strip()
        if not secret:
            # The file may be somebody else's making.
            os.fchmod(file.fileno(), 0o600)
            secret = secrets.token_hex(SECRET_BYTES)
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
    return secret
