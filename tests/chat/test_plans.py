"""How the database finds what the hot requests ask for: by an index, whatever has grown how far."""

import re
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import event, select

from chatapp.extensions import db
from chatapp.models import Message, Workspace
from tests.chat.conftest import AS_JSON

GROWING = "messages|memberships|users|sessions|reactions|workspace_changes"
# SQLite's "SCAN messages", PostgreSQL's "Seq Scan on messages".
READ_WHOLE = re.compile(rf"(?:\bSCAN|Seq Scan on) (?:{GROWING})\b")
SORTED = re.compile(r"TEMP B-TREE|\bSort\b")
ASKS = re.compile(r"\s*(?:SELECT|UPDATE|INSERT|WITH)\b")

PAGES = {
    "the newest messages": "/rooms/{room}",
    "older ones": "/rooms/{room}?before=30",
    "newer ones": "/rooms/{room}?after=5",
    "those around a hit": "/rooms/{room}?around=25",
    "the catch-up": "/rooms/{room}/changes?since=20&workspace=0&epoch={epoch}",
    "the sidebar": "/sidebar",
    "more members": "/rooms/{room}/members?after=1",
    "a search": "/searches?q=kettle",
}


@pytest.fixture(autouse=True)
def history(context, room, ann, make_message):
    """Fifty messages in the kitchen."""
    for number in range(50):
        make_message(room, ann, f"kettle {number}")
    db.session.rollback()


def traced(act: Callable[[], object]) -> list[str]:
    """What is asked of the database while something is done, with its values."""
    seen: list[str] = []

    def on_checkout(connection, *_):
        connection.set_trace_callback(seen.append)

    def on_execute(connection, _cursor, statement, values, *_):
        driver = connection.connection.driver_connection
        seen.append(psycopg.ClientCursor(driver).mogrify(statement, values))

    is_sqlite = db.engine.dialect.name == "sqlite"
    what = ("checkout", on_checkout) if is_sqlite else ("after_cursor_execute", on_execute)
    event.listen(db.engine, *what)
    try:
        act()
    finally:
        event.remove(db.engine, *what)
    return [statement for statement in seen if ASKS.match(statement)]


def plan(statement: str) -> str:
    """How the database does it; on PostgreSQL, whether there is any way but the whole table."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
            return "\n".join(step.detail for step in steps)
        # A table of fifty rows is best read whole, and sorted.
        ways = ["seqscan", "sort"] + ["bitmapscan"] * ("message_search" not in statement)
        for way in ways:
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}").scalars())


def assert_by_index(act: Callable[[], object]) -> None:
    """No growing table is read whole, nor is more sorted than what is shown."""
    statements = traced(act)
    assert any(re.search(GROWING, statement) for statement in statements)
    for statement in statements:
        found = plan(statement)
        assert not READ_WHOLE.search(found), f"{statement}\n{found}"
        # Without a limit, all that is sorted is shown; the search has a window's hits to sort.
        if "LIMIT" in statement and "message_search" not in statement:
            assert not SORTED.search(found), f"{statement}\n{found}"


def test_reading_a_whole_table_would_be_noticed(app):
    with pytest.raises(AssertionError, match=r"SCAN|Seq Scan"):
        assert_by_index(lambda: db.session.execute(select(Message).where(Message.source == "x")))
    db.session.rollback()
    by_time = select(Message.id).where(Message.id > 3).order_by(Message.posted_at).limit(3)
    with pytest.raises(AssertionError, match=r"TEMP B-TREE|Sort"):
        assert_by_index(lambda: db.session.execute(by_time))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_found_by_an_index(as_bob, room, name):
    epoch = db.session.execute(select(Workspace.epoch)).scalar_one()
    db.session.rollback()
    path = PAGES[name].format(room=room.id, epoch=epoch)

    def read():
        answer = as_bob.get(path)
        assert answer.status_code == 200
        assert {"kettle", "kitchen"} & set(re.findall(r"\w+", answer.text))

    assert_by_index(read)


def test_writing_finds_its_rows_by_an_index(as_ann, as_bob, post, room):
    reads = f"/rooms/{room.id}/reads"
    assert_by_index(lambda: post(as_bob, "kettle"))
    assert_by_index(lambda: as_ann.post(reads, data={"number": "51"}, headers=AS_JSON))
