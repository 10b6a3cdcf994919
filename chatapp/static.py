"""Blueprint "static": files that browsers may keep for ever, because their address changes.

An address with an old fingerprint gets the current file, but uncached: while servers are being
replaced, a page from one of them may ask the other, and a mixed page beats a broken one.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup

from chatapp.assets import SCRIPT, Asset, Assets
from chatapp.compression import takes_gzip
from chatapp.labels import labels
from chatapp.rendering.languages import current_language
from chatapp.rendering.pieces import piece

FOR_EVER = "public, max-age=31536000, immutable"
FOLDER = Path(__file__).resolve().parent / "static"
TURBO = "vendor/turbo/turbo.js"

T = TypeVar("T")

static = Blueprint("static", __name__)


@static.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Read the folder for this application, and give the templates what they call."""
    app = state.app
    app.extensions["assets"] = Assets(FOLDER, watch=app.debug)
    for function in (asset, import_map, labels_url, piece):
        app.add_template_global(function)


@static.get("/static/<fingerprint>/<path:path>")
def file(fingerprint: str, path: str) -> Response:
    return _answer(_assets().get(path), fingerprint)


@static.get("/labels/<language>/<fingerprint>.css")
def label_sheet(language: str, fingerprint: str) -> Response:
    return _answer(labels(language), fingerprint)


@static.get("/favicon.ico")
def favicon() -> Response:
    return _answer(_assets().get("images/icon-32.png"), "", "public, max-age=86400")


@static.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a phone needs to put the product on its home screen."""
    icons = [_icon("images/icon.svg", "any"), _icon("images/icon-192.png", "192x192")]
    icons.append(_icon("images/icon-512.png", "512x512"))
    facts = {
        "name": "chatapp",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#fbfaf7",
        "theme_color": "#fbfaf7",
        "icons": icons,
    }
    body = json.dumps(facts).encode()
    made = Asset("manifest.webmanifest", body, "application/manifest+json")
    return _answer(made, "", "public, max-age=86400")


def asset(path: str) -> str:
    """The address of a file under `static/`; raises FileNotFoundError where there is none."""
    return _once(f"asset {path}", lambda: _address(path))


def _address(path: str) -> str:
    found = _assets().get(path)
    if found is None:
        raise FileNotFoundError(f"There is no static file {path!r}: it is named in a template.")
    return url_for("static.file", fingerprint=found.fingerprint, path=path)


def labels_url() -> str:
    """The address of the style sheet with the words of this request's language."""
    language = current_language()
    return _once(f"labels {language}", lambda: _labels_address(language))


def _labels_address(language: str) -> str:
    sheet = labels(language)
    if sheet is None:
        raise LookupError(f"The language {language!r} is answered in, but not in LANGUAGES.")
    return url_for("static.label_sheet", language=language, fingerprint=sheet.fingerprint)


def import_map() -> Markup:
    """The JSON that tells browsers where "@hotwired/turbo" is.

    Our own script stands there for Turbo: where it is another one, the next page is loaded anew.
    """
    return _once("import_map", _import_map)


def _once(name: str, make: Callable[[], T]) -> T:
    """Every page asks for some hundred addresses: they are put together once, unless watched."""
    if _assets().watch:
        return make()
    kept = current_app.extensions.setdefault("assets.made", {})
    key = name, request.script_root
    if key not in kept:
        kept[key] = make()
    return kept[key]


def _import_map() -> Markup:
    names = {"chatapp/app": asset(SCRIPT), "@hotwired/turbo": asset(TURBO)}
    # Our own addresses hold nothing that could end the script element.
    return Markup(json.dumps({"imports": names}, separators=(",", ":")))  # noqa: S704


def _icon(path: str, sizes: str) -> dict[str, str]:
    kind = "image/svg+xml" if path.endswith(".svg") else "image/png"
    return {"src": asset(path), "sizes": sizes, "type": kind}


def _assets() -> Assets:
    return current_app.extensions["assets"]


def _answer(found: Asset | None, fingerprint: str, caching: str = FOR_EVER) -> Response:
    if found is None:
        abort(404)
    packed = found.gzipped if takes_gzip() else None
    response = Response(packed or found.body, mimetype=found.mimetype)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    if found.gzipped:
        response.vary.add("Accept-Encoding")
    fresh = not fingerprint or fingerprint == found.fingerprint
    response.headers["Cache-Control"] = caching if fresh else "no-store"
    response.set_etag(found.fingerprint + ("-gzip" if packed else ""))
    response.make_conditional(request)
    if response.status_code == HTTPStatus.PRECONDITION_FAILED:
        # Nobody else's, and not for ever.
        response.headers["Cache-Control"] = "no-store"
    # The server writes its own; two would be one too many.
    response.headers.pop("Date", None)
    return response
