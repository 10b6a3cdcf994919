"""What `gunicorn wsgi:app` reads by itself. Each number is a setting in docs/configuration.md."""

import os
import resource
import socket
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
# What gunicorn gives running requests when it is to quit.
QUIT_SECONDS = 0.1
keepalive = 75
backlog = 2048

# The application logs one line per request. Proxies are believed by TRUSTED_PROXIES, there.
accesslog = None
loglevel = _settings.LOG_LEVEL
# Nobody's headers set the scheme or the path here, so gunicorn need not look up, with each request,
# whether its sender is one of those who may.
secure_scheme_headers = {}
forwarder_headers = ""
forwarded_allow_ips = "*"
control_socket_disable = True


def on_starting(server):
    """Say at once that the address is taken, instead of trying again for five seconds."""
    inherited = "GUNICORN_FD" in os.environ or "LISTEN_FDS" in os.environ
    if inherited or bind.startswith("unix:"):
        return
    host, _, port = bind.rpartition(":")
    try:
        socket.create_server((host.strip("[]"), int(port)), family=_family(host)).close()
    except OSError as error:
        reason = os.strerror(error.errno)
        sys.exit(f"chatapp does not start: it cannot listen on {bind} ({reason}).")


def post_fork(server, worker):
    """Have SIGQUIT and SIGINT end the worker as SIGTERM does, only with less patience.

    gunicorn's own handler raises SystemExit a tenth of a second later, by when the worker may have
    left by itself: that was an end with a traceback. A terminal's Control-C comes as both signals,
    perhaps while the worker still loads the application.
    """

    def leave(_signal, _frame):
        worker.cfg.settings["graceful_timeout"].value = QUIT_SECONDS
        worker.alive = False

    worker.handle_quit = leave


def post_worker_init(worker):
    """Say where it is, once that is true: the first worker has loaded the application."""
    if worker.age == 1:
        sys.stdout.write(f"chatapp is on {_settings.BASE_URL or _address()}\n")
        sys.stdout.flush()
    _close_idle_connections_quietly(worker)
    from chatapp.realtime.workers import watch

    watch(worker)


def worker_exit(server, worker):
    """Send away the sockets of a worker that leaves, so that their browsers come back elsewhere."""
    if hasattr(worker, "wsgi"):
        worker.wsgi.extensions["realtime"].stop()
        worker.wsgi.extensions["loop"].stop()


def _close_idle_connections_quietly(worker):
    """A worker that leaves ends the connections which wait for a next request.

    gunicorn would answer each with a 500 that nobody asked for, and log a traceback.
    """
    from gevent import GreenletExit  # Only the worker may import it, after it has patched.

    tell = worker.handle_error

    def handle_error(request, client, address, error):
        if not isinstance(error, GreenletExit):
            tell(request, client, address, error)

    worker.handle_error = handle_error


def _family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _address():
    return bind if bind.startswith("unix:") else f"http://{bind}"
