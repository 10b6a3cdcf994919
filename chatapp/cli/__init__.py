"""Commands for whoever runs the server: `flask --help` lists them."""

from flask import Flask

from chatapp.cli.doctor import doctor


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(doctor)
