"""The contract's times, for a machine that has something else to do as well.

They are meant for a quiet machine with two cores. The load tells how many want a core where there
is one. Where all tests run at once, servers, browsers and the writers of this harness among them,
it is two to four of them, and everything takes as many times longer. So bounds are stretched by
it, but no further than that: what is slower still fails, because a bound that follows any load
would hold for any server, and some of that load may be our server's own. What was measured is noted
as it was, and the document compares it with the bare bound.
"""

import os

# Where more than four want each core, nothing can be said of times.
MOST = 4.0

# C20: how long after somebody was put out of a room they may still be told of what happens there.
REVOKED_SECONDS = 2.0


def allowed(seconds: float) -> float:
    """The bound itself on a quiet machine; stretched by the load, up to MOST times."""
    cores = os.cpu_count() or 1
    return seconds * min(MOST, max(1.0, os.getloadavg()[0] / cores))
