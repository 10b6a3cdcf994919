"""How the views answer: JSON for scripts, pages and redirects for browsers without one."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response
from flask_babel import gettext as _
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from chatapp.contexts import request_context
from chatapp.domain.errors import Invalid

# Markup is a string that the encoder does not know.
_encoder = msgspec.json.Encoder(enc_hook=str)


def wants_json() -> bool:
    """Whether a script is asking."""
    return "application/json" in request_context().request.environ.get("HTTP_ACCEPT", "")


def as_json(values: Mapping[str, Any], status: int = 200) -> Response:
    """These values as the answer."""
    return Response(_encoder.encode(values), status, mimetype="application/json")


def see(url: str) -> AnyResponse:
    """After a form: go and look there."""
    return redirect(url, code=303)


def number_in(values: Mapping[str, str], name: str) -> int:
    """A whole number from a form or a query. Raises `Invalid` when there is none."""
    text = values.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid({name: _("%(name)s must be a whole number.", name=name)})
    return int(text)
