"""Settings come from the environment, and a wrong one stops the start with one line."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from config import ROOT, SettingError, current, embedded_secret

SECRET = "0123456789abcdef" * 4


def production(tmp_path, **settings):
    return current({"INSTANCE_PATH": str(tmp_path / "instance")} | settings)


def test_without_settings_everything_is_in_the_instance_folder(tmp_path):
    settings = production(tmp_path)
    folder = tmp_path / "instance"
    assert settings.SQLALCHEMY_DATABASE_URI == f"sqlite:///{folder}/chatapp.sqlite3"
    assert (folder / "secret_key").read_text() == settings.SECRET_KEY
    assert settings.BIND == "127.0.0.1:8000"
    assert not settings.SESSION_COOKIE_SECURE


def test_the_instance_folder_and_the_secret_are_for_their_owner_only(tmp_path):
    production(tmp_path)
    folder = tmp_path / "instance"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_processes_that_race_end_with_one_secret(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(embedded_secret, [tmp_path] * 64))
    assert len(secrets) == 1
    assert secrets.pop() == embedded_secret(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_secret_that_was_not_written_to_its_end_is_made_anew(tmp_path):
    path = tmp_path / "secret_key"
    path.touch(mode=0o644)
    assert len(embedded_secret(tmp_path)) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("PORT", "eighty", "1 to 65535"),
        ("PORT", "0", "1 to 65535"),
        ("WEB_CONCURRENCY", "-1", "1 to 256"),
        ("DATABASE_URL", "mysql://localhost/chat", "postgresql://"),
        ("DATABASE_URL", "sqlite://", "sqlite:////path/to/file"),
        ("DATABASE_URL", "sqlite:///", "sqlite:////path/to/file"),
        ("DATABASE_URL", "sqlite:///?timeout=5", "sqlite:////path/to/file"),
        ("DATABASE_URL", "sqlite:///:memory:", "sqlite:////path/to/file"),
        ("DATABASE_URL", "sqlite:///file:chat?mode=memory&uri=true", "sqlite:////path/to/file"),
        ("DATABASE_URL", "sqlite:///chat.sqlite3", "whole path"),
        ("DATABASE_URL", "sqlite:///~/chat.sqlite3", "whole path"),
        ("DATABASE_URL", "sqlite:////~/chat.sqlite3", "without ~"),
        ("DATABASE_URL", "sqlite:////~ann/chat.sqlite3", "without ~"),
        ("INSTANCE_PATH", "~/chatapp", "without ~"),
        ("REDIS_URL", "localhost", "redis://"),
        ("REDIS_URL", "redis://localhost/chat", "redis://host/number"),
        ("REDIS_URL", "redis://localhost:6379/0?color=blue", "redis://host/number"),
        ("REDIS_URL", "redis://localhost:6379/0?socket_timeout=soon", "redis://host/number"),
        ("REDIS_URL", "redis://localhost:6379/0?ssl_cert_reqs=none", "rediss:// (TLS, alone with"),
        ("REDIS_URL", "unix:///run/redis.sock?db=1&ssl_certfile=/c", "rediss:// (TLS, alone with"),
        ("REDIS_URL", "rediss://localhost:6379/0?ssl_color=blue", "ssl_cert_reqs=none"),
        ("REDIS_URL", "rediss://localhost:6379/0?ssl_cert_reqs=perhaps", "ssl_cert_reqs=none"),
        ("BASE_URL", "chat.example.org", "https://chat.example.org"),
        ("BASE_URL", "https://chat.example.org/chat", "without a path"),
        ("BASE_URL", "https://chat.example.org:99999", "without a path"),
        ("BASE_URL", "https://me@chat.example.org", "without a path"),
        ("ALLOWED_ORIGINS", "https://a.example https://b.example/x", "addresses"),
        ("ALLOWED_ORIGINS", "https://*", "addresses"),
        ("ALLOWED_ORIGINS", "https://*.example.org", "addresses"),
        ("ALLOWED_ORIGINS", "*", "addresses"),
        ("BASE_URL", "https://chat example.org", "without a path"),
        ("LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("RATE_POST", "a lot", "20 per 10 seconds"),
        ("RATE_POST", "0 per second", "20 per 10 seconds"),
        ("TRUSTED_PROXIES", "11", "0 to 10"),
        ("BIND", "localhost", "host:port"),
        ("BIND", "0.0.0.0", "host:port"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(tmp_path, name, value, allowed):
    with pytest.raises(SettingError) as refusal:
        production(tmp_path, **{name: value})
    sentence = str(refusal.value)
    assert sentence.startswith(f"{name} cannot be ")
    assert allowed in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("secret", ["short", "a" * 64, "test-only-secret-of-more-than-32-bytes"])
def test_production_refuses_an_unsafe_secret_and_does_not_repeat_it(tmp_path, secret):
    with pytest.raises(SettingError, match=r"^SECRET_KEY cannot be what was given") as refusal:
        production(tmp_path, SECRET_KEY=secret)
    assert secret not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://me:hunter2@db/chat"),
        ("REDIS_URL", "valkey://:hunter2@redis:6379/0"),
        ("REDIS_URL", "redis://:hunter2/x@redis:6379/0"),
        ("DATABASE_URL", "postgresql://me:hunter2@db:port/chat"),
        ("BASE_URL", "https://me:hunter2@chat.example.org/chat"),
    ],
)
def test_a_password_in_an_unusable_address_is_not_repeated(tmp_path, name, value):
    with pytest.raises(SettingError, match=f"^{name} cannot be what was given: ") as refusal:
        production(tmp_path, **{name: value})
    assert "hunter2" not in str(refusal.value)


def test_an_earlier_secret_that_is_known_is_refused(tmp_path):
    known = "test-only-secret-of-more-than-32-bytes"
    with pytest.raises(SettingError, match=r"^SECRET_KEY_FALLBACKS cannot be what was given"):
        production(tmp_path, SECRET_KEY_FALLBACKS=known)


def test_a_secret_that_cannot_be_read_is_told_in_a_line(tmp_path):
    (tmp_path / "instance" / "secret_key").mkdir(parents=True)
    with pytest.raises(SettingError, match=r"secret_key can be neither read nor made \(Is a dir"):
        production(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"\xff" * 64, b"\0" * 64, SECRET.encode() + b"\0" * 64, b"short"],
    ids=["no text", "zeros", "zeros at the end", "short"],
)
def test_a_damaged_secret_is_told_in_a_line(tmp_path, content):
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "secret_key").write_bytes(content)
    told = r"secret_key is damaged or too short\. Put back the one .* anew\.$"
    with pytest.raises(SettingError, match=told):
        production(tmp_path)


def test_an_unknown_environment_is_refused():
    with pytest.raises(SettingError, match=r"CHATAPP_ENV cannot be 'prod': one of .*production"):
        current({"CHATAPP_ENV": "prod"})


def test_an_empty_variable_counts_as_none(tmp_path):
    assert production(tmp_path, PORT="", BASE_URL=" ").PORT == 8000


@pytest.mark.parametrize("password", ["pa/ss", "pa#ss", "pa?ss", "pa[ss", "12/ss", "p:a/s@s"])
def test_a_password_of_postgresql_may_have_anything_in_it(tmp_path, password):
    url = f"postgresql+psycopg://me:{password}@db:5432/chat"
    settings = production(tmp_path, DATABASE_URL=url, SECRET_KEY=SECRET)
    assert settings.SQLALCHEMY_DATABASE_URI == url


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_the_same_driver(tmp_path, scheme):
    settings = production(tmp_path, DATABASE_URL=f"{scheme}://me@db/chat", SECRET_KEY=SECRET)
    assert settings.SQLALCHEMY_DATABASE_URI == "postgresql+psycopg://me@db/chat"
    assert settings.WEB_CONCURRENCY == os.cpu_count()
    assert not (tmp_path / "instance").exists()


@pytest.mark.parametrize(
    ("host", "bind"),
    [
        ("::", "[::]:8000"),
        ("::1", "[::1]:8000"),
        ("[::1]", "[::1]:8000"),
        ("a.example", "a.example:8000"),
    ],
)
def test_an_ipv6_host_is_written_with_brackets(tmp_path, host, bind):
    assert production(tmp_path, HOST=host).BIND == bind


def test_a_file_of_sqlite_may_be_anywhere(tmp_path):
    url = "sqlite:////var/lib/chat.sqlite3"
    assert production(tmp_path, DATABASE_URL=url).SQLALCHEMY_DATABASE_URI == url


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://localhost/",
        "redis://:pass%2Fword@[::1]:6379/1",
        "rediss://me:pass@redis.example:6380/15?ssl_cert_reqs=none&socket_timeout=3",
        "rediss://redis.example?ssl_ca_certs=/ca&ssl_check_hostname=no&ssl_password=x",
        "rediss://redis.example?ssl_ca_path=/ca&ssl_certfile=/c&ssl_keyfile=/k",
        "unix:///run/redis.sock?db=2&socket_connect_timeout=3",
    ],
)
def test_redis_may_be_reached_in_every_way(tmp_path, url):
    assert production(tmp_path, REDIS_URL=url).REDIS_URL == url
    # And redis-py takes each of its options.
    pool = redis.ConnectionPool.from_url(url)
    pool.connection_class(**pool.connection_kwargs)


def test_sqlite_is_served_by_one_process(tmp_path):
    assert production(tmp_path).WEB_CONCURRENCY == 1
    assert production(tmp_path, WEB_CONCURRENCY="2").WEB_CONCURRENCY == 2


def test_tls_makes_the_cookie_a_host_cookie(tmp_path):
    settings = production(tmp_path, BASE_URL="https://Chat.Example.org/")
    assert settings.BASE_URL == "https://chat.example.org"
    assert settings.SESSION_COOKIE_SECURE
    assert settings.SESSION_COOKIE_NAME == "__Host-chatapp"


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://chat.example.org:443", "https://chat.example.org"),
        ("http://chat.example.org:80/", "http://chat.example.org"),
        ("https://chat.example.org:80", "https://chat.example.org:80"),
        ("https://chat.example.org:8443", "https://chat.example.org:8443"),
        ("HTTPS://B\u00dccher.Example", "https://xn--bcher-kva.example"),
        ("https://stra\u00dfe.example:8443", "https://xn--strae-oqa.example:8443"),
        ("https://chatu\u0308.example", "https://xn--chat-3ra.example"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[0:0::1]:80", "http://[::1]"),
    ],
)
def test_an_address_is_written_as_browsers_name_the_origin(tmp_path, given, origin):
    settings = production(tmp_path, BASE_URL=given, ALLOWED_ORIGINS=f"{given},http://a.example:80")
    assert settings.BASE_URL == origin
    assert settings.ALLOWED_ORIGINS == (origin, "http://a.example")


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match=r"^INSTANCE_PATH: the folder .* cannot be made"):
        current({"INSTANCE_PATH": str(tmp_path / "file" / "instance")})


@pytest.mark.parametrize("command", [["flask", "db", "current"], ["gunicorn", "wsgi:app"]])
def test_the_commands_refuse_to_start_with_one_line(tmp_path, command):
    environment = {"PATH": os.environ["PATH"], "INSTANCE_PATH": str(tmp_path), "PORT": "none"}
    answer = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answer.returncode == 1
    line = "chatapp does not start: PORT cannot be 'none': a whole number, 1 to 65535.\n"
    assert answer.stderr == line
