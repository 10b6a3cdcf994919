"""Whoever stands in for a page comes back as a page does, and the protocol says how."""

import re

import pytest

from benchmarks.load import crowd
from tests.architecture.source import ROOT
from tests.faults.harness import observer

SCRIPT = (ROOT / "chatapp/static/js/socket.js").read_text()
PROTOCOL = " ".join((ROOT / "docs/protocol.md").read_text().split())
# In seconds, but for the last.
WAITS = {
    name: int(value.replace("_", "")) / (1 if name == "PATIENCE" else 1000)
    for name, value in re.findall(r"^const (\w+) = ([\d_]+);", SCRIPT, re.M)
}


def test_the_crowd_of_the_benchmark_waits_as_a_page_does():
    assert {
        "SPREAD": crowd.SPREAD_SECONDS,
        "FIRST": crowd.FIRST_WAIT_SECONDS,
        "SOON": crowd.SOON_SECONDS,
        "LONGEST": crowd.LONGEST_WAIT_SECONDS,
        "LATER": crowd.LATER_SECONDS,
        "PATIENCE": crowd.PATIENCE,
    }.items() <= WAITS.items()


def test_who_watches_faults_waits_as_a_page_does():
    assert {
        "SILENCE": observer.SILENCE,
        "FIRST": observer.FIRST_RETURN,
        "SOON": observer.SOON_RETURN,
        "LONGEST": observer.LAST_RETURN,
        "PATIENCE": observer.PATIENCE,
    }.items() <= WAITS.items()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SILENCE", "after {} s without any frame"),
        ("SPREAD", "up to {} s after 1012"),
        ("FIRST", "else after a random moment of up to {} s"),
        ("SOON", "when that try fails, of up to {} s"),
        ("LONGEST", "fifteenth of the absence, up to {} s"),
        ("LATER", "After 1008 and 1009 wait {} s more"),
    ],
)
def test_the_protocol_says_how_a_page_waits(name, words):
    assert words.format(f"{WAITS[name]:g}") in PROTOCOL
