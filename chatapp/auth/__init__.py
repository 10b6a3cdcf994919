"""The blueprint for accounts: first run, registration, sign-in, sessions, profile, workspace."""

from flask import Blueprint

auth = Blueprint("auth", __name__)
