"""Signing in, through the front door."""

from flask.testing import FlaskClient

from chatapp.models import User
from tests.builders.people import PASSWORD


def sign_in_client(client: FlaskClient, user: User, password: str = PASSWORD) -> FlaskClient:
    """Sign that person in on this client; returns the client."""
    answer = client.post("/sign-in", data={"user_name": user.user_name, "password": password})
    assert answer.status_code in (302, 303), answer.get_data(as_text=True)
    return client
