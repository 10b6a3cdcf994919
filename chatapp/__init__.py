"""chatapp: the chat server that a team runs for itself."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, g
from werkzeug.routing import MapAdapter

import config
from chatapp import (
    addresses,
    cli,
    compression,
    csrf,
    database,
    errors,
    hooks,
    language,
    realtime,
    schema,
)
from chatapp.auth import auth
from chatapp.chat import chat
from chatapp.request import ChatRequest
from chatapp.static import static


class Chat(Flask):
    """Flask, all of whose functions here are plain ones: they are not asked at each call."""

    request_class = ChatRequest

    def __init__(self, *named: Any, **more: Any) -> None:
        super().__init__(*named, **more)
        self._known = addresses.KnownAddresses()

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Flask's, which takes a host apart once."""
        known = self._known.adapter(request) if request else None
        if known:
            return known
        adapter = super().create_url_adapter(request)
        if request and adapter:
            self._known.learn(request, adapter)
        return adapter

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func

    def log_exception(self, exc_info: Any) -> None:
        """Without the path, in which an invite's code may stand: its line has the rest."""
        self.logger.error("request %s failed", g.get("request_id", ""), exc_info=exc_info)


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """The application, configured from the environment: `CHATAPP_ENV` picks the class.

    `settings` override it, for tests.
    """
    app = Chat(__name__, static_folder=None)
    app.config.from_object(config.current())
    app.config.update(settings or {})
    addresses.init_app(app)
    database.init_app(app)
    schema.init_app(app)
    language.init_app(app)
    # Registered first, so that it runs last: on the answer as it goes out.
    compression.init_app(app)
    # The hooks come before the CSRF check: a stranger is a stranger first.
    hooks.init_app(app)
    csrf.init_app(app)
    errors.init_app(app)
    realtime.init_app(app)
    cli.init_app(app)
    for blueprint in (auth, chat, static):
        app.register_blueprint(blueprint)
    return app
