"""What `gunicorn wsgi:app` reads by itself. Each number is a setting in docs/configuration.md."""

import os
import resource
import select
import socket
import sys
import time
from contextlib import suppress

from gunicorn.http.errors import LimitRequestHeaders

from config import SettingError, current, hindrance

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
# So long the old workers wait for the new ones, at most.
LOADING_SECONDS = 20
keepalive = 75
backlog = 2048

# The application logs one line per request. Proxies are believed by TRUSTED_PROXIES, there.
accesslog = None
# With "debug" gunicorn tells of heads that break off, cookies and all.
loglevel = "info" if _settings.LOG_LEVEL == "debug" else _settings.LOG_LEVEL
# The whole head of a request. Browsers send some 600 bytes, and the cookies of whatever else has
# the same name. To take apart what somebody has made up on purpose would hold the loop for seconds,
# and what is kept by such headers would fill the memory.
MOST_HEADER_BYTES = 16 * 1024
limit_request_fields = 64
# An answer of which nothing is taken for so long is given up, and its connection ended.
UNTAKEN_MILLISECONDS = 60_000
# Nobody's headers set the scheme or the path here, so gunicorn need not look up, with each request,
# whether its sender is one of those who may.
secure_scheme_headers = {}
forwarder_headers = ""
forwarded_allow_ips = "*"
control_socket_disable = True


def on_starting(server):
    """Say at once what is in the way, instead of trying again for five seconds."""
    _require_writable()
    if "GUNICORN_FD" in os.environ or "LISTEN_FDS" in os.environ:
        return
    for address in server.cfg.address:
        if isinstance(address, tuple):
            _try_to_listen(*address)


def _require_writable():
    """To serve is to write. A server that runs when its disk turns read-only goes on, to read."""
    file = _settings.sqlite_file()
    for path in (file.parent, file) if file else ():
        if path.exists() and (reason := hindrance(path)):
            sys.exit(f"chatapp does not start: {reason}.")


def _try_to_listen(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except (OSError, OverflowError) as error:
        # getaddrinfo's errors have numbers of their own, and their reason with them.
        reason = getattr(error, "strerror", None) or error
        sys.exit(f"chatapp does not start: it cannot listen on {_told((host, port))} ({reason}).")


def when_ready(server):
    """Have the system end connections that take nothing, which hold their place otherwise for ever.

    What is accepted has it from the socket that listens. Open sockets have their own, shorter time.
    """
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # Only Linux has it.
    for listener in server.LISTENERS:
        if option and listener.sock.family != socket.AF_UNIX:
            with suppress(OSError):
                listener.sock.setsockopt(socket.IPPROTO_TCP, option, UNTAKEN_MILLISECONDS)


def on_reload(server):
    """Have the old workers serve until the new ones do, which take some seconds to load.

    gunicorn itself would have them leave at once, and every browser wait for that long.
    """
    heard, server.told_loaded = os.pipe()
    manage = server.manage_workers

    def manage_once_loaded():
        del server.manage_workers
        # From here on only they have it: it ends with the last of them.
        os.close(server.told_loaded)
        del server.told_loaded
        _wait_for_workers(heard, server)
        os.close(heard)
        manage()

    server.manage_workers = manage_once_loaded


def _wait_for_workers(heard, server):
    """Until all have loaded, or nobody will, or the server is to do something else."""
    end, missing = time.monotonic() + LOADING_SECONDS, server.cfg.workers
    while missing > 0 and time.monotonic() < end and not server.SIG_QUEUE.qsize():
        if select.select([heard], [], [], 0.1)[0]:
            said = os.read(heard, missing)
            missing = missing - len(said) if said else 0


def pre_request(worker, request):
    """Refuse heads that nobody needs; read no body to its end that nobody reads.

    gunicorn reads it before the next request of the connection, and while there is something to
    read nobody else has a turn: whoever sends fast enough would stop the worker. This stands in
    place of gunicorn's own hook, which writes each path into the log, and invites with it.
    """
    size = 0
    for name, value in request.headers:
        size += len(name) + len(value)
        # What is longer is refused, or belongs to nothing that reads one.
        if name == "TRANSFER-ENCODING" or (
            name == "CONTENT-LENGTH" and int(value) > _settings.MAX_CONTENT_LENGTH
        ):
            request.force_close()
    if size > MOST_HEADER_BYTES:
        raise LimitRequestHeaders(f"more than {MOST_HEADER_BYTES} bytes")


def post_fork(server, worker):
    """Have SIGQUIT and SIGINT end the worker as SIGTERM does, only with less patience.

    gunicorn's own handler raises SystemExit a tenth of a second later, by when the worker may have
    left by itself: that was an end with a traceback. A terminal's Control-C comes as both signals,
    perhaps while the worker still loads the application.
    """

    def leave(_signal, _frame):
        # Goes before the setting that has this name.
        vars(worker.cfg)["graceful_timeout"] = QUIT_SECONDS
        worker.alive = False

    worker.handle_quit = leave
    worker.told_loaded = getattr(server, "told_loaded", None)


def post_worker_init(worker):
    """Say where it is, once that is true: the first worker has loaded the application."""
    _require_schema(worker)
    if worker.age == 1:
        sys.stdout.write(f"chatapp is on {_settings.BASE_URL or _where(worker.cfg.address[0])}\n")
        sys.stdout.flush()
    _close_idle_connections_quietly(worker)
    from chatapp.realtime.workers import watch

    watch(worker)
    if worker.told_loaded is not None:
        os.write(worker.told_loaded, b".")
        os.close(worker.told_loaded)


def _require_schema(worker):
    """Have no server start on what it was not made for. One that serves already goes on."""
    from gunicorn.arbiter import Arbiter

    from chatapp import schema

    with worker.wsgi.app_context():
        lack = schema.lack()
    if not lack:
        return
    if worker.age > worker.cfg.workers:
        worker.log.error(f"This worker wants another schema: {lack}")
    elif worker.age == 1:
        sys.stderr.write(f"chatapp does not start: {lack}\n")
        sys.stderr.flush()
        sys.exit(Arbiter.WORKER_BOOT_ERROR)
    else:
        # The first one says it: of a second one that fails, gunicorn makes a traceback.
        while worker.alive:
            time.sleep(0.05)
        sys.exit()


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


def _told(address):
    if not isinstance(address, tuple):
        return address
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _where(address):
    return f"http://{_told(address)}" if isinstance(address, tuple) else f"unix:{address}"
