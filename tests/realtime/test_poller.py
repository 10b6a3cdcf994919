"""What is asked each second goes on: through an outage, and past an error of ours."""

import logging
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from chatapp.realtime.poller import Poller
from chatapp.realtime.service import Realtime

OUTAGE = OperationalError("SELECT 1", {}, sqlite3.OperationalError("gone"))


@pytest.fixture
def poller(app) -> Poller:
    return Realtime(app)._poller


def failing(error: Exception):
    def step() -> None:
        raise error

    return step


def test_an_error_of_ours_is_told_once_with_its_stack_and_stops_nothing_else(poller, caplog):
    taken = []
    for _ in range(3):
        poller._try(failing(KeyError("a bug")), lambda: taken.append(1))
    assert len(taken) == 3
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info


def test_an_error_while_showing_presence_does_not_end_the_asking(poller, caplog, monkeypatch):
    monkeypatch.setattr(poller._presence, "tick", failing(KeyError("a bug")))
    poller._show()
    assert caplog.records[0].exc_info


def test_an_outage_is_told_once_and_again_when_it_comes_again(poller, caplog):
    taken = []
    for _ in range(3):
        poller._try(failing(OUTAGE), lambda: taken.append(1))
    assert not taken
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    poller._try(lambda: None)
    poller._try(failing(OUTAGE))
    assert len(caplog.records) == 2


def test_several_workers_without_redis_are_told_what_to_do(app, poller, caplog, monkeypatch):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(type(poller._presence), "others", 1)
    for _ in range(2):
        poller._try(poller._read_presence)
    [record] = caplog.records
    assert "REDIS_URL" in record.getMessage()
