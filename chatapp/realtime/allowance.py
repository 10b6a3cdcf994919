"""How many frames somebody may send: a bucket of tokens, refilled all the time. Pure."""


class Allowance:
    """So many at once, and so many a second in the long run. Times are monotonic seconds."""

    __slots__ = ("__weakref__", "_a_second", "_at", "_burst", "_left")

    def __init__(self, burst: float, a_second: float, now: float):
        self._burst = self._left = burst
        self._a_second, self._at = a_second, now

    def take(self, now: float) -> bool:
        """Use one up. Whether there was one; who asks too often goes into debt."""
        refill = max(0.0, now - self._at) * self._a_second
        self._at = max(now, self._at)
        self._left = min(self._burst, self._left + refill) - 1
        return self._left >= 0
