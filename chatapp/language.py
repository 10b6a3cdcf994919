"""Which language and time zone a request is answered in."""

from flask import Flask, g, request

from chatapp.extensions import babel

LANGUAGES = ("en", "de")


def init_app(app: Flask) -> None:
    """Bind Flask-Babel to the application."""
    babel.init_app(app, locale_selector=language)


def language() -> str:
    """The person's own choice, else the best that their browser asks for."""
    user = g.get("user")
    return (user and user.locale) or request.accept_languages.best_match(LANGUAGES) or "en"
