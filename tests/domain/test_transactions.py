"""Writers of SQLite take turns, each with a connection that it has already."""

import threading
from typing import cast

import pytest
from sqlalchemy import QueuePool

from chatapp.domain import transaction as module
from chatapp.domain.transaction import direct_transaction, transaction
from chatapp.extensions import db
from tests.realtime.browsers import eventually

pytestmark = pytest.mark.sqlite_only


def write() -> None:
    with transaction():
        pass


def write_directly() -> None:
    with direct_transaction(5.0):
        pass


@pytest.mark.parametrize("writer", [write, write_directly])
def test_whoever_waits_for_the_turn_waits_for_nothing_after_it(app, writer):
    """Else those who wait for it may have all connections, and whoever has it none."""

    def run() -> None:
        with app.app_context():
            writer()

    with app.app_context():
        pool = cast("QueuePool", db.engine.pool)
    thread = threading.Thread(target=run)
    with module._turn:
        thread.start()
        eventually(lambda: pool.checkedout() == 1)
    thread.join(10)
    assert pool.checkedout() == 0
