"""The application as gunicorn and the `flask` command find it."""

import gc
import sys

# What is loaded leaves hardly anything behind (700 objects in cycles), and the collector would look
# for it 270 times: a sixth of the start.
gc.disable()

from chatapp import create_app  # noqa: E402  After that.
from config import SettingError  # noqa: E402

try:
    app = create_app()
except SettingError as error:
    sys.exit(f"chatapp does not start: {error}")
finally:
    gc.enable()
