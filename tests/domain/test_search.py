"""The full-text index keeps step with the messages."""

import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError

from chatapp.domain import messages, posting_postgresql, search, search_entries, search_indexes
from chatapp.domain.errors import TooMany
from chatapp.extensions import db
from chatapp.text.plain import plain


def found(user, query: str) -> list[str]:
    return [plain(row.html) for row in search.find(user, query).rows]


def test_the_index_agrees_with_the_rows_after_every_verb(context, room, ann, make_message):
    kept, changed, gone = (make_message(room, ann, f"kettle {n}") for n in ("a1", "b2", "c3"))
    messages.edit(ann, changed, "teapot")
    messages.delete_message(ann, gone)
    assert found(ann, "kettle") == [kept.source]
    assert found(ann, "teapot") == ["teapot"]
    if db.engine.dialect.name == "sqlite":
        # FTS5 raises where its own structure is not sound.
        check = "INSERT INTO message_search (message_search) VALUES ('integrity-check')"
        db.session.execute(text(check))


def test_words_of_every_script_are_found_whole(context, room, ann, make_message):
    book, other = "किताब कहाँ है?", "कल तुम बाहर आओ, कब तक"
    for source in (book, other, "שָׁלוֹם", "مُحَمَّد"):
        make_message(room, ann, source)
    assert found(ann, "किताब") == [book]
    assert found(ann, "किता") == [book]
    assert found(ann, "שלום") == ["שָׁלוֹם"]
    assert found(ann, "محمد") == ["مُحَمَّد"]


def test_a_failed_post_is_not_found(context, room, ann, monkeypatch):
    def add_and_fail(*said):
        add(*said)
        raise LookupError

    add = search_entries.add_on_sqlite
    monkeypatch.setattr(search_entries, "add_on_sqlite", add_and_fail)
    # PostgreSQL makes the entry in the same statement as the row; it refuses a term without a word.
    monkeypatch.setattr(posting_postgresql, "_terms", lambda _: "a  gap")
    with pytest.raises((LookupError, DataError)):
        messages.post(ann, room.id, "kettle", "key-00000001")
    assert found(ann, "kettle") == []


@pytest.mark.sqlite_only
def test_an_index_that_cannot_be_read_now_is_storage_that_is_away(
    context, room, ann, make_message, monkeypatch
):
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    make_message(room, ann, "kettle")
    monkeypatch.setattr(search_indexes, "offload", fail)
    with pytest.raises(OperationalError) as refused:
        found(ann, "kettle")
    assert "kettle" not in str(refused.value)


def test_searching_has_a_limit(app, context, room, ann):
    app.config["RATE_SEARCH"] = "1 per 10 seconds"
    search.find(ann, "kettle")
    with pytest.raises(TooMany):
        search.find(ann, "kettle")
