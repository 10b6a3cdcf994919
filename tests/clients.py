"""Test clients that know nothing of each other."""

from contextvars import Context
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class SeparateClient(FlaskClient):
    """One browser. Each request begins without any application context.

    Flask-Login keeps the person in `g`: under a context that a test or pytest-flask holds open,
    the second client would be seen as the first one's user.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if self.preserve_context:
            return super().open(*args, **kwargs)
        return Context().run(super().open, *args, **kwargs)
