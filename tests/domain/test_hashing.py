"""The process beside this one that hashes passwords, and what becomes of it."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from chatapp.domain import hashing
from chatapp.domain.hashing import Hasher
from tests.realtime.browsers import eventually
from tests.test_offload import run_patched

SECRET = b"seven quiet lanterns"
CHEAP = 1, 32


@pytest.fixture
def hasher():
    """One with a process of its own."""
    own = Hasher()
    yield own
    own._end()


def test_a_hash_is_made_and_proves_its_secret_only(hasher):
    kept = hasher.hashed(SECRET, *CHEAP)
    assert kept.startswith("$argon2id$v=19$m=32,t=1,p=1$")
    assert hasher.is_right(SECRET, kept)
    assert not hasher.is_right(SECRET + b"s", kept)
    assert not hasher.is_right(SECRET, "no hash")


@pytest.mark.parametrize("secret", [b"", b"\0\n\xff", b"x" * 3000])
def test_any_bytes_can_be_a_secret(hasher, secret):
    assert hasher.is_right(secret, hasher.hashed(secret, *CHEAP))


def test_the_process_stays_and_another_is_started_when_it_has_ended(hasher):
    kept = hasher.hashed(SECRET, *CHEAP)
    first = hasher._pid
    assert hasher.is_right(SECRET, kept)
    assert hasher._pid == first
    os.kill(first, signal.SIGKILL)
    assert hasher.is_right(SECRET, kept)
    assert hasher._pid != first
    assert not is_there(first)


def test_an_answer_that_came_too_late_is_given_to_nobody(hasher, monkeypatch):
    kept = hasher.hashed(SECRET, *CHEAP)
    hasher._end()
    monkeypatch.setattr(hashing, "ANSWER_SECONDS", 0.001)
    with pytest.raises(TimeoutError):
        hasher.is_right(SECRET, kept)
    monkeypatch.undo()
    assert not hasher.is_right(b"another one", kept)


def test_a_question_that_ends_it_is_an_error_and_the_next_one_none(hasher):
    with pytest.raises(ConnectionError):
        hasher.hashed(SECRET, 1, 2**40)
    assert hasher.hashed(SECRET, *CHEAP).startswith("$argon2id$")


def test_a_forked_process_has_one_of_its_own(hasher):
    kept = hasher.hashed(SECRET, *CHEAP)
    first = hasher._pid
    child = os.fork()
    if not child:
        is_own = False
        try:
            is_own = hasher.is_right(SECRET, kept) and hasher._pid != first
            hasher._end()
        finally:
            os._exit(0 if is_own else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert hasher.is_right(SECRET, kept)
    assert hasher._pid == first


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_it_stands_behind_everybody_and_holds_nothing_of_the_other(hasher):
    with Path(__file__).open() as held:
        hasher.hashed(SECRET, *CHEAP)
        own = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, hasher._pid) == max(own, min(19, own + 10))
        # Else its niceness would be compared with that of no process of ours.
        assert os.getsid(hasher._pid) == os.getsid(0)
        assert os.getpgid(hasher._pid) == hasher._pid
        files = {int(one.name): one.readlink() for one in Path(f"/proc/{hasher._pid}/fd").iterdir()}
        assert "socket" in str(files[0])
        more = [str(name) for number, name in files.items() if number > 2]
        assert held.name not in more
        assert not any("socket" in name for name in more)


@pytest.mark.parametrize("patch", ["", "from gevent import monkey; monkey.patch_all()"])
@pytest.mark.parametrize("signal_name", ["SIGKILL", "SIGTERM"])
def test_it_ends_in_silence_with_the_process_that_started_it(patch, signal_name):
    code = f"""
    {patch}
    import os, signal, threading
    from chatapp.domain.hashing import Hasher
    hasher = Hasher()
    hasher.hashed(b"seven quiet lanterns", 1, 32)
    print(hasher._pid, flush=True)
    threading.Thread(target=hasher.hashed, args=[b"seven quiet lanterns", 3, 65536]).start()
    threading.Event().wait(0.03)
    os.kill(os.getpid(), signal.{signal_name})
    """
    pid = int(said_by(code))
    eventually(lambda: not is_there(pid), 10)


def test_who_is_asked_to_leave_with_everybody_answers_until_its_worker_is_done(hasher):
    hasher.hashed(SECRET, *CHEAP)
    first = hasher._pid
    os.kill(first, signal.SIGTERM)
    assert hasher.is_right(SECRET, hasher.hashed(SECRET, *CHEAP))
    assert hasher._pid == first


def test_the_answer_to_whoever_is_ended_is_given_to_nobody():
    code = """
    import gevent
    from chatapp.domain.hashing import Hasher
    hasher = Hasher()
    kept = hasher.hashed(b"seven quiet lanterns", 1, 32)
    slow = hasher.hashed(b"seven quiet lanterns", 3, 65536)
    ended = gevent.spawn(hasher.is_right, b"seven quiet lanterns", slow)
    gevent.sleep(0.01)
    ended.kill()
    print(isinstance(ended.value, gevent.GreenletExit), hasher.is_right(b"another one", kept))
    """
    assert run_patched(code) == "True False\n"


def test_no_signal_goes_to_a_number_that_may_be_somebody_elses_by_now():
    code = """
    from gevent import monkey; monkey.patch_all()
    import os, signal
    import gevent
    from chatapp.domain.hashing import Hasher
    hasher = Hasher()
    hasher.hashed(b"seven quiet lanterns", 1, 32)
    kill = os.kill
    kill(hasher._pid, signal.SIGKILL)
    while os.path.exists(f"/proc/{hasher._pid}"):
        gevent.sleep(0.01)
    os.kill = lambda *one: print("sent", one)
    hasher.hashed(b"seven quiet lanterns", 1, 32)
    """
    assert said_by(code) == ""


def test_one_process_hashes_all_for_a_worker():
    code = """
    from chatapp.domain.hashing import Hasher
    hasher = Hasher()
    print(len({(hasher.hashed(b"seven quiet lanterns", 1, 32), hasher._pid)[1] for _ in "abc"}))
    """
    assert run_patched(code) == "1\n"


def test_others_go_on_while_a_greenlet_waits_for_its_hash():
    code = """
    import gevent
    from chatapp.domain.hashing import Hasher
    ticks = 0
    hasher = Hasher()
    hasher.hashed(b"seven quiet lanterns", 1, 32)
    def tick():
        global ticks
        while True:
            ticks += 1
            gevent.sleep(0.001)
    gevent.spawn(tick)
    hasher.hashed(b"seven quiet lanterns", 3, 65536)
    print(ticks)
    """
    assert int(run_patched(code)) > 10


def said_by(code: str) -> str:
    """What this code, and the process that it starts, say."""
    command = [sys.executable, "-c", textwrap.dedent(code)]
    said = subprocess.run(
        command,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    # Where it has ended, the log says that another one is started.
    return "".join(
        line for line in said.stdout.splitlines(True) if "another one is started" not in line
    )


def is_there(pid: int) -> bool:
    """Whether this process runs: one that nobody has asked about its end is a number only."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
