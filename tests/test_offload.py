import subprocess
import sys
import textwrap

import pytest

from chatapp.offload import give_way, is_cooperative, offload


def run_patched(code: str) -> str:
    """What the code prints in a process of its own whose threads are greenlets."""
    head = "from gevent import monkey; monkey.patch_all()\n"
    done = subprocess.run(
        [sys.executable, "-c", head + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout + done.stderr


def test_without_greenlets_work_is_simply_done():
    assert not is_cooperative()
    assert offload(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        offload(divmod, 7, 0)
    give_way()


def test_slow_work_does_not_hold_up_other_greenlets():
    said = run_patched(
        """
        import gevent, hashlib, time
        from chatapp.offload import offload
        beats = []
        def beat():
            while True:
                beats.append(time.monotonic())
                gevent.sleep(0.01)
        gevent.spawn(beat)
        gevent.sleep(0)
        offload(hashlib.pbkdf2_hmac, "sha256", b"x", b"y", 1_000_000)
        print(len(beats) > 5)
        """
    )
    assert said == "True\n"


def test_work_that_all_wait_for_has_a_thread_of_its_own():
    said = run_patched(
        """
        import gevent
        from gevent.monkey import get_original
        from chatapp.offload import offload, offload_alone
        sleep = get_original("time", "sleep")
        searches = [gevent.spawn(offload, sleep, 3) for _ in range(30)]
        gevent.sleep(0.1)
        with gevent.Timeout(2):
            print(offload_alone(lambda: "stored"))
        try:
            offload_alone(lambda: 1 / 0)
        except ZeroDivisionError:
            print("caught")
        gevent.killall(searches, block=False)
        """
    )
    assert said == "stored\ncaught\n"


def test_an_error_of_offloaded_work_is_raised_and_not_printed():
    said = run_patched(
        """
        from chatapp.offload import offload
        try:
            offload(divmod, 7, 0)
        except ZeroDivisionError:
            print("caught")
        """
    )
    assert said == "caught\n"


def test_giving_way_lets_others_run():
    said = run_patched(
        """
        import gevent
        from chatapp.offload import give_way
        gevent.spawn(print, "other")
        give_way()
        print("self")
        """
    )
    assert said == "other\nself\n"


def test_giving_way_lets_the_loop_come_round_each_time():
    said = run_patched(
        """
        import gevent
        from chatapp.offload import give_way
        laps = []
        watcher = gevent.get_hub().loop.check(ref=False)
        watcher.start(lambda: laps.append(1))
        for _ in range(100):
            give_way()
        print(len(laps))
        """
    )
    assert int(said) >= 100
