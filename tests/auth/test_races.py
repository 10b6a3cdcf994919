"""Two who want the same thing at the same moment, against a real server with two workers."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.models import Room, User, Workspace
from tests.builders.people import PASSWORD, new_user
from tests.servers import Server

pytestmark = pytest.mark.both_databases

RACERS = 6


@pytest.fixture
def two_workers(make_server) -> Server:
    return make_server(workers=2)


def race(server: Server, path: str, forms: list[dict[str, str]]) -> list[int]:
    """Post the forms at the same moment, each from a browser of its own; the status codes."""
    ready = Barrier(len(forms))

    def run(form: dict[str, str]) -> int:
        visitor = server.visitor()
        token = visitor.token()
        ready.wait(30)
        answer = visitor.post(
            path, data=form, headers={"X-CSRFToken": token}, allow_redirects=False
        )
        return answer.status_code

    with ThreadPoolExecutor(len(forms)) as pool:
        return sorted(pool.map(run, forms))


def test_of_racing_first_runs_one_makes_the_workspace(two_workers):
    forms = [
        {
            "workspace_name": f"Harbour {number}",
            "room_name": "Quay",
            "user_name": f"person{number}",
            "display_name": f"Person {number}",
            "password": PASSWORD,
        }
        for number in range(RACERS)
    ]
    assert race(two_workers, "/first-run", forms) == [303] * RACERS
    with two_workers.app.app_context():
        counts = [
            db.session.execute(select(func.count()).select_from(model)).scalar_one()
            for model in (Workspace, User, Room)
        ]
    assert counts == [1, 1, 1]


def test_of_racing_registrations_one_gets_the_name(two_workers):
    two_workers.build(new_user, "ann")
    forms = [
        {"user_name": "bob", "display_name": f"Bob {number}", "password": PASSWORD}
        for number in range(RACERS)
    ]
    assert race(two_workers, "/register", forms) == [303] + [422] * (RACERS - 1)
    assert "Traceback" not in two_workers.log
