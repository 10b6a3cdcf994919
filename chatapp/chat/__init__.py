"""The blueprint for the conversation: rooms, members, messages, reactions, reads, searches."""

from flask import Blueprint

chat = Blueprint("chat", __name__)
