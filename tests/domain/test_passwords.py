import threading
import time

import pytest

from chatapp.domain import passwords
from chatapp.domain.errors import Busy
from chatapp.domain.transaction import transaction

pytestmark = pytest.mark.usefixtures("context")


@pytest.mark.parametrize(
    ("password", "is_fine"),
    [
        ("1a2b3c4", False),
        ("kx9fm2qp", True),
        ("\u00e9\u00e9\u00e8\u00e0", True),
        ("y7" * 512, True),
        ("y7" * 512 + "z", False),
        ("anna-lena", False),
        ("\x00kx9fm2qp\ud800", True),
    ],
)
def test_a_password_has_8_to_1024_bytes_and_is_not_the_name(password, is_fine):
    problem = passwords.problem_with(password, "anna-lena")
    if password == "y7" * 512:
        assert problem is None or "guessed" in problem
        return
    assert (problem is None) == is_fine


def test_a_hash_proves_its_password_only():
    kept = passwords.hashed("seven quiet lanterns")
    assert kept.startswith("$argon2id$")
    assert kept != passwords.hashed("seven quiet lanterns")
    assert passwords.is_right("seven quiet lanterns", kept)
    assert not passwords.is_right("seven quiet lantern", kept)
    assert not passwords.is_right("seven quiet lanterns", "no hash at all")


def test_a_hash_of_another_library_and_of_several_lanes_proves_its_password_too():
    kept = (
        "$argon2id$v=19$m=32,t=1,p=4$kyDHTcY0xpdMjPhXuIU45w"
        "$W7U8tEmawUKVruPLRo39KZgh7Vs9afuCZ71siQJuk7s"
    )
    assert passwords.is_right("seven quiet lanterns", kept)
    assert not passwords.is_right("seven quiet lantern", kept)


def test_only_a_hash_of_another_cost_is_outdated(app):
    kept = passwords.hashed("seven quiet lanterns")
    assert not passwords.is_outdated(kept)
    assert not passwords.is_outdated(kept.replace(",p=1$", ",p=4$"))
    app.config["PASSWORD_MEMORY_KIB"] *= 2
    assert passwords.is_outdated(kept)


def test_nobody_has_the_password_of_who_does_not_exist():
    for guess in ("", "\x00" * 32, "seven quiet lanterns"):
        assert not passwords.is_right(guess, None)


def test_one_is_hashed_at_a_time(app, monkeypatch):
    running, most = 0, 0
    lock = threading.Lock()

    class Slow:
        def hashed(self, *how):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.05)
            with lock:
                running -= 1
            return "$argon2id$"

    monkeypatch.setattr(passwords, "_hasher", Slow())

    def run() -> None:
        with app.app_context():
            passwords.hashed("seven quiet lanterns")

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == 1


def test_whoever_waits_too_long_for_a_turn_is_told_that_it_is_busy(monkeypatch):
    monkeypatch.setattr(passwords, "PATIENCE_SECONDS", 0.01)
    taken = threading.Lock()
    taken.acquire()
    monkeypatch.setattr(passwords, "_turn", taken)
    with pytest.raises(Busy):
        passwords.hashed("seven quiet lanterns")


def test_where_nothing_can_be_hashed_one_is_told_to_come_again(app, caplog):
    app.config["PASSWORD_MEMORY_KIB"] = 2**40
    with pytest.raises(Busy, match="Try again"):
        passwords.hashed("seven quiet lanterns")
    assert "A password could not be hashed" in caplog.text
    app.config["PASSWORD_MEMORY_KIB"] = 32
    assert passwords.hashed("seven quiet lanterns").startswith("$argon2id$")


def test_nothing_is_hashed_inside_a_transaction():
    with pytest.raises(RuntimeError, match="before the transaction"), transaction():
        passwords.hashed("seven quiet lanterns")


def test_marks_without_end_hold_nobody_up():
    """Composing them would take time that grows with the square of their number."""
    endless = "a" + "\u0301\u0316" * 250_000
    began = time.thread_time()
    assert "too long" in (passwords.problem_with(endless, "ann") or "")
    assert not passwords.is_right(endless, None)
    assert time.thread_time() - began < 1
