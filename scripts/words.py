"""Keeps the translations in step with the sources: `make words`.

Finds every `_("...")` in Python and Jinja, writes chatapp/translations/messages.pot, brings each
language's messages.po up to date (translations stay; what is gone, goes; what is new is empty) and
compiles it. What is left to translate is told, and then it is a failure.
"""

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "chatapp" / "translations"
TEMPLATE = TRANSLATIONS / "messages.pot"
METHODS = [("chatapp/templates/**.html", "jinja2"), ("chatapp/**.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "_n": (1, 2)}


def main() -> int:
    sources = extracted()
    TEMPLATE.write_bytes(as_po(sources))
    left = 0
    for path in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")):
        catalog = updated(path, sources)
        path.write_bytes(as_po(catalog))
        path.with_suffix(".mo").write_bytes(as_mo(catalog))
        for text in untranslated(catalog):
            sys.stdout.write(f"{catalog.locale}: {text!r} is not translated\n")
            left += 1
    return 1 if left else 0


def extracted() -> Catalog:
    """Every text of the sources, with the files that use it."""
    catalog = Catalog(project="chatapp", charset="utf-8", fuzzy=False)
    found = extract_from_dir(ROOT, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",))
    # In an order that no file system decides.
    for file, _line, text, comments, context in sorted(found, key=lambda entry: entry[:2]):
        catalog.add(text, locations=[(file, 0)], auto_comments=comments, context=context)
    return catalog


def updated(path: Path, sources: Catalog) -> Catalog:
    """The language's catalogue with exactly the sources' texts."""
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parent.parent.name, domain="messages")
    catalog.update(sources, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def untranslated(catalog: Catalog) -> list[str]:
    """The texts without a translation, or with one that nobody has looked at."""
    return [
        str(message.id)
        for message in catalog
        if message.id and (message.fuzzy or not _is_whole(message.string))
    ]


def _is_whole(string: str | list[str] | tuple[str, ...] | None) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


def as_po(catalog: Catalog) -> bytes:
    """Sorted and without dates: the same texts make the same file."""
    file = BytesIO()
    write_po(file, catalog, sort_output=True, omit_header=True, width=100, include_lineno=False)
    return HEADER.format(plural=catalog.plural_forms).encode() + file.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    file = BytesIO()
    compiled = read_po(BytesIO(as_po(catalog)), locale=catalog.locale)
    # Its header tells dates: now, if nobody says otherwise.
    compiled.creation_date = compiled.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(file, compiled)
    return file.getvalue()


HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""

if __name__ == "__main__":
    raise SystemExit(main())
