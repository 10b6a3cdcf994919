"""What `gunicorn wsgi:app` reads by itself. Each number is a setting in docs/configuration.md."""

import resource
import sys
from contextlib import suppress

from config import SettingError, current

# A socket is a file: as many may be open as the system lets this user have.
with suppress(ValueError, OSError):
    _soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_hard, _hard))

try:
    _settings = current()
except SettingError as error:
    sys.exit(f"chatapp does not start: {error}")

bind = _settings.BIND
workers = _settings.WEB_CONCURRENCY
# Greenlets: a waiting socket costs memory, not a thread. The worker patches the standard library
# before it imports the application, so nothing may be preloaded.
worker_class = "gevent"
worker_connections = _settings.WORKER_CONNECTIONS
preload_app = False

# Workers that are replaced one after the other, not all at once.
max_requests = _settings.MAX_REQUESTS
max_requests_jitter = _settings.MAX_REQUESTS // 10
# A worker whose loop stands still this long is replaced.
timeout = 30
# Together with what closing takes, a stop stays under three seconds.
graceful_timeout = 2
keepalive = 75
backlog = 2048

# The application logs one line per request. Proxies are believed by TRUSTED_PROXIES, there.
accesslog = None
loglevel = _settings.LOG_LEVEL
secure_scheme_headers = {}
control_socket_disable = True


def when_ready(server):
    """Say where it is, once it is true."""
    server.log.info("chatapp is on %s", _settings.BASE_URL or _address(bind))


def _address(bound):
    return bound if bound.startswith("unix:") else f"http://{bound}"
