"""How addresses are read: a request's host and path, and the numbers in it."""

from collections.abc import Hashable
from typing import Any

from flask import Flask, Request
from werkzeug.routing import IntegerConverter, MapAdapter

from chatapp.recent import Recent

# About a kilobyte each, and half of one. What is longer is read each time.
KEPT_HOSTS, KEPT_PATHS, LONGEST_KEPT = 256, 4_000, 200


class IdConverter(IntegerConverter):
    """`<int:...>` takes 18 digits: what is longer fits no column, and nothing is found there."""

    regex = r"\d{1,18}"


def init_app(app: Flask) -> None:
    """Read numbers in addresses so; comes before the routes."""
    app.url_map.converters["int"] = IdConverter
    # What has two slashes within it is nowhere: the way from there would be an absolute address,
    # and its host whatever the request has called us.
    app.url_map.merge_slashes = False


class KnownAddresses:
    """The hosts and paths of late. Everybody in a room asks for the same few.

    Taking both apart anew was a twentieth of a page.
    """

    def __init__(self) -> None:
        self._hosts, self._paths = Recent(KEPT_HOSTS), Recent(KEPT_PATHS)

    def adapter(self, request: Request) -> MapAdapter | None:
        """What finds this request's view, if its host is known; says so to the request, too."""
        known = self._hosts.get(_host_of(request))
        if known is None:
            return None
        request.host, bound = known
        return _Adapter(self._paths, bound, request)

    def learn(self, request: Request, adapter: MapAdapter) -> None:
        """This is what Flask has made of that request's host."""
        host = _host_of(request)
        if len(str(host)) <= LONGEST_KEPT:
            # Not the adapter itself: it holds the path and the query of this request.
            bound = adapter.map, adapter.server_name, adapter.script_name, adapter.subdomain
            self._hosts.put(host, (request.host, (*bound, adapter.url_scheme)))


class _Adapter(MapAdapter):
    """Flask's for a known host, which remembers where a path has led."""

    def __init__(self, paths: Recent, bound: tuple[Any, ...], request: Request) -> None:
        path, query = map(_text, (request.environ.get("PATH_INFO", ""), request.query_string))
        super().__init__(*bound, path, request.method, query)
        self._paths = paths

    def match(self, *asked: Any, **more: Any) -> Any:
        """Werkzeug's, of which Flask asks for the rule of its own path."""
        if asked or more != {"return_rule": True}:
            return super().match(*asked, **more)
        path = self.default_method, self.websocket, self.path_info
        found = self._paths.get(path)
        if found is None:
            # What leads nowhere, or elsewhere, is raised: it is looked for each time.
            found = super().match(return_rule=True)
            if len(self.path_info) <= LONGEST_KEPT:
                self._paths.put(path, found)
        rule, values = found
        return rule, {**values}


def _text(given: str | bytes) -> str:
    # WSGI carries bytes as Latin-1.
    return (given if isinstance(given, bytes) else given.encode("latin1")).decode(errors="replace")


def _host_of(request: Request) -> Hashable:
    # A socket is looked for among other rules, by another scheme.
    about = map(request.environ.get, ("HTTP_HOST", "HTTP_UPGRADE", "HTTP_CONNECTION"))
    return (*about, request.scheme, request.server, request.root_path)
