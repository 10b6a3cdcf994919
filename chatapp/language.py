"""Which language and time zone a request is answered in."""

from datetime import datetime
from functools import cache, lru_cache

from babel import Locale
from babel.support import Translations
from flask import Flask, g, has_request_context
from flask_babel import format_date, format_timedelta, get_locale, get_translations
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from chatapp.contexts import app_context, request_context
from chatapp.extensions import babel
from chatapp.models.columns import now
from chatapp.request import LONGEST_ACCEPT

LANGUAGES = {"en": "English", "de": "Deutsch"}


def init_app(app: Flask) -> None:
    """Bind Flask-Babel to the application."""
    # Parsing a tag looks for Babel's file of it: once is enough.
    babel.init_app(app, locale_selector=lambda: _locale(language()))
    # Flask-Babel looks for the catalogue anew at each text: a room's page has eighty of them.
    install = app.jinja_env.install_gettext_callables  # ty: ignore[missing-attribute]
    install(
        lambda s: _catalogue().ugettext(s), lambda *n: _catalogue().ungettext(*n), newstyle=True
    )
    app.add_template_global(get_locale)
    app.add_template_filter(ago)
    app.add_template_filter(day)


def language() -> str:
    """The person's own choice, else the best that their browser asks for; English without one."""
    if not has_request_context():
        return "en"
    user = app_context().g.get("user")
    chosen = user.locale if user else None
    return chosen or asked_for()


def asked_for() -> str:
    """The best of ours that the browser asks for."""
    accepted = request_context().request.environ.get("HTTP_ACCEPT_LANGUAGE", "")
    return _best(accepted[:LONGEST_ACCEPT])


@lru_cache(maxsize=1_000)
def _best(accepted: str) -> str:
    return parse_accept_header(accepted, LanguageAccept).best_match(LANGUAGES) or "en"


_locale = cache(Locale.parse)


def _catalogue() -> Translations:
    """The texts in the language of this moment: `force_locale` changes it within a request."""
    locale = get_locale()
    if g.get("catalogue_of") != locale:
        g.catalogue_of, g.catalogue = locale, get_translations()
    return g.catalogue


def ago(moment: datetime) -> str:
    """How long ago that was, in words: "3 hours ago"."""
    return format_timedelta(moment - now(), add_direction=True)


def day(moment: datetime) -> str:
    """The date of that moment, in words."""
    return format_date(moment, format="medium")
