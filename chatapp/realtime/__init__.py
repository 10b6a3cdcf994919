"""The browsers that are listening: each has a socket, and hears what it may, in order."""

from functools import partial

from flask import Flask

from chatapp.realtime import broadcasts, endpoint
from chatapp.realtime.health import report
from chatapp.realtime.loop_watch import LoopWatch
from chatapp.realtime.service import Realtime


def init_app(app: Flask) -> None:
    """Register the socket's route and the events it tells of. Nothing runs before a socket."""
    live = app.extensions["realtime"] = Realtime(app)
    # Started by the worker whose loop it watches.
    app.extensions["loop"] = LoopWatch()
    app.extensions["health"] = partial(report, app)
    app.add_template_global(live.presence.state_of, "presence_of")
    app.add_template_global(lambda: live.presence.changes, "presence_changes")
    endpoint.init_app(app)
    broadcasts.init_app(app)
