"""Every text of the product is in every language it speaks. `make words` brings them up to date."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from chatapp.language import LANGUAGES
from scripts.words import TEMPLATE, TRANSLATIONS, as_mo, as_po, extracted, untranslated

OTHERS = [language for language in LANGUAGES if language != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def path_of(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def catalog_of(language: str) -> Catalog:
    return read_po(BytesIO(path_of(language).read_bytes()), locale=language)


def texts(catalog: Catalog) -> set[object]:
    return {message.id for message in catalog if message.id}


def test_the_template_is_what_the_sources_say():
    assert TEMPLATE.read_bytes() == as_po(extracted()), "run `make words`"


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_has_exactly_the_sources_texts(language):
    assert texts(catalog_of(language)) == texts(extracted()), "run `make words`"


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language):
    assert untranslated(catalog_of(language)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_fill_in_the_same_values(language):
    assert [m.id for m in catalog_of(language) if m.id and not fills_in_the_same(m)] == []


def fills_in_the_same(message: Message) -> bool:
    wanted = set(PLACEHOLDER.findall(forms(message.id)[-1]))
    return all(set(PLACEHOLDER.findall(form)) == wanted for form in forms(message.string))


def forms(text: object) -> list[str]:
    """The one form of a text, or its singular and plurals."""
    return list(text) if isinstance(text, list | tuple) else [str(text)]


def test_a_lost_value_would_be_noticed():
    assert not fills_in_the_same(Message("Hi %(name)s, {n}", "Hallo %(name)s"))
    assert untranslated(_catalog(Message("Hi", ""))) == ["Hi"]
    assert untranslated(_catalog(Message("Hi", "Hallo", flags=["fuzzy"]))) == ["Hi"]


def _catalog(message: Message) -> Catalog:
    catalog = Catalog(locale="de")
    catalog[message.id] = message
    return catalog


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_what_is_written(language):
    path = path_of(language)
    assert path.with_suffix(".mo").read_bytes() == as_mo(catalog_of(language)), "run `make words`"


def test_a_browser_that_asks_for_german_gets_german(client, make_user):
    make_user("ann")
    page = client.get("/sign-in", headers={"Accept-Language": "de"}).text
    assert '<html lang="de"' in page
    assert "Angemeldet bleiben" in page
