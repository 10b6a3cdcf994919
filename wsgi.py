"""The application as gunicorn and the `flask` command find it."""

import sys

from chatapp import create_app
from config import SettingError

try:
    app = create_app()
except SettingError as error:
    sys.exit(f"chatapp does not start: {error}")
