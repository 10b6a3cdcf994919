"""Commands for whoever runs the server: `flask --help` lists them."""

from flask import Flask

from chatapp.cli.backup import backup, restore
from chatapp.cli.doctor import doctor
from chatapp.cli.seed import seed
from chatapp.cli.users import users


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
    for command in (backup, doctor, restore, seed, users):
        app.cli.add_command(command)
