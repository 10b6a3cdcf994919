"""Autobahn|Testsuite's fuzzing client against the product's connection.

Collected only where its program is; `conftest.py` says so when it is not.
"""

from pathlib import Path

import pytest

from tests.realtime.autobahn import FINE, echo_server, find_wstest, run_cases


@pytest.mark.timeout(300)
def test_no_case_fails_and_every_close_is_clean(tmp_path: Path) -> None:
    wstest = find_wstest()
    assert wstest
    with echo_server(tmp_path) as url:
        cases = run_cases(wstest, url, tmp_path)
    assert len(cases) > 240
    assert {number: case for number, case in cases.items() if case["behavior"] not in FINE} == {}
    assert {
        number: case for number, case in cases.items() if case["behaviorClose"] not in FINE
    } == {}
