"""Commands for whoever runs the server: `flask --help` lists them."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
