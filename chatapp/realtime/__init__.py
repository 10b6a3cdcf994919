"""The browsers that are listening."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Start nothing yet; register the socket's route and the subscribers of events."""
