"""Which language and time zone a request is answered in."""

from flask import Flask, g, request
from flask_babel import get_locale

from chatapp.extensions import babel

LANGUAGES = {"en": "English", "de": "Deutsch"}


def init_app(app: Flask) -> None:
    """Bind Flask-Babel to the application."""
    babel.init_app(app, locale_selector=language)
    app.jinja_env.globals["get_locale"] = get_locale


def language() -> str:
    """The person's own choice, else the best that their browser asks for."""
    user = g.get("user")
    chosen = user.locale if user else None
    return chosen or request.accept_languages.best_match(LANGUAGES) or "en"
