"""How addresses are read."""

from flask import Flask
from werkzeug.routing import IntegerConverter


class IdConverter(IntegerConverter):
    """`<int:...>` takes 18 digits: what is longer fits no column, and nothing is found there."""

    regex = r"\d{1,18}"


def init_app(app: Flask) -> None:
    """Read numbers in addresses so; comes before the routes."""
    app.url_map.converters["int"] = IdConverter
    # What has two slashes within it is nowhere: the way from there would be an absolute address,
    # and its host whatever the request has called us.
    app.url_map.merge_slashes = False
