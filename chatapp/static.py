"""Fingerprinted files that browsers may keep for ever."""

from flask import Blueprint

static = Blueprint("static", __name__)
