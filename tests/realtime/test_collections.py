"""The collector of cycles does not hold up a worker that has much in memory."""

import subprocess
import sys

LOOKED = """
import gc
from chatapp.realtime import workers
workers.LONG_COLLECTION_SECONDS = {seconds}
workers.look_only_once()
before = gc.get_freeze_count()
kept = [[] for _ in range(100_000)]
gc.collect()
print(gc.get_freeze_count() - before >= len(kept))
"""


def is_frozen_after(seconds: float) -> bool:
    code = [sys.executable, "-c", LOOKED.format(seconds=seconds)]
    return subprocess.run(code, capture_output=True, text=True, check=True).stdout == "True\n"


def test_what_took_long_to_look_at_is_looked_at_once():
    assert is_frozen_after(0.0)


def test_what_is_looked_at_quickly_is_looked_at_again():
    assert not is_frozen_after(10.0)
