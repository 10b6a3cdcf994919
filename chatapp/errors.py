"""Domain and HTTP errors become a page, or problem+json for clients that ask for JSON."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the error handlers on the application."""
