"""C21: a disk that is full or read-only is told plainly; nothing half done; it heals by itself."""

import re
from html import unescape

import pytest
from sqlalchemy import event

from chatapp.extensions import db

JSON = {"Accept": "application/json"}
# How each database is told to take no writes, and to take them again.
READ_ONLY = {
    "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    "postgresql": tuple(
        f"SET SESSION CHARACTERISTICS AS TRANSACTION READ {kind}; COMMIT"
        for kind in ("ONLY", "WRITE")
    ),
}


@pytest.fixture
def settings(settings):
    """As for people: a refused write is an answer, not the test's own failure."""
    return settings | {"PROPAGATE_EXCEPTIONS": False}


@pytest.fixture
def room_id(client, make_user, make_room, sign_in):
    ann = make_user("ann")
    sign_in(client, ann)
    return make_room("quay", members=[ann]).id


def post(client, room_id: int, key: str):
    values = {"body": "word " * 1_500, "client_key": f"storage-{key}"}
    return client.post(f"/rooms/{room_id}/messages", data=values, headers=JSON)


def post_until_refused(client, room_id: int):
    """The first answer that is not 201, and how many were."""
    for number in range(100):
        answer = post(client, room_id, str(number))
        if answer.status_code != 201:
            return answer, number
    raise AssertionError("Nothing was refused.")


@pytest.fixture
def execute(app):
    """Has a statement run on each connection before it is used, in place of the one before."""
    statements: list[str] = []

    def run(connection, *_rest):
        for statement in statements[-1:]:
            connection.execute(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "checkout", run)
    yield statements.append
    event.remove(engine, "checkout", run)


def stored(client, room_id: int) -> int:
    """How many messages there are, as a page that has none yet is told."""
    query = f"since=0&workspace=0&epoch={epoch(client, room_id)}"
    changes = client.get(f"/rooms/{room_id}/changes?{query}").get_json()
    assert len(changes["messages"]) == changes["last_number"]
    return changes["last_number"]


def epoch(client, room_id: int) -> str:
    return client.get(f"/rooms/{room_id}/changes?since=0&workspace=0&epoch=").get_json()["epoch"]


@pytest.mark.sqlite_only
def test_a_full_disk_is_told_and_heals(execute, client, room_id):
    assert post(client, room_id, "before").status_code == 201
    # SQLite itself says that it is full, as it does when the disk is.
    execute("PRAGMA max_page_count = 120")
    answer, count = post_until_refused(client, room_id)
    assert answer.status_code == 507
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == "full"
    assert stored(client, room_id) == count + 1
    assert client.get(f"/rooms/{room_id}").status_code == 200
    execute("PRAGMA max_page_count = 100000")
    assert post(client, room_id, str(count)).status_code == 201
    assert stored(client, room_id) == count + 2


def test_without_a_script_it_is_sent_again_with_the_same_key(
    execute, client, room_id, database_kind
):
    execute(READ_ONLY[database_kind][0])
    said = {"body": "by <hand>", "client_key": "storage-by-hand"}
    refused = client.post(f"/rooms/{room_id}/messages", data=said)
    execute(READ_ONLY[database_kind][1])
    assert refused.status_code in (503, 507)
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', refused.text)
    shown = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", refused.text, re.DOTALL)[1])
    again = {**dict(hidden), "body": shown}
    action = re.search(r'method="post" action="([^"]*)"', refused.text)[1]
    assert [client.post(action, data=again).status_code for _ in range(2)] == [303, 303]
    assert stored(client, room_id) == 1


def test_a_read_only_database_is_told_and_heals(execute, client, room_id, database_kind):
    off, on = READ_ONLY[database_kind]
    execute(off)
    answer = post(client, room_id, "during")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert stored(client, room_id) == 0
    execute(on)
    assert post(client, room_id, "during").status_code == 201
