"""How many frames somebody may send: a bucket of tokens, refilled all the time. Pure."""

# So many bytes count as one frame more.
FRAME_BYTES = 1024


class Allowance:
    """So many at once, and so many a second in the long run. Times are monotonic seconds."""

    __slots__ = ("__weakref__", "_a_second", "_at", "_burst", "_left")

    def __init__(self, burst: float, a_second: float, now: float):
        self._burst = self._left = burst
        self._a_second, self._at = a_second, now

    def take(self, now: float, count: float = 1) -> bool:
        """Use up so many. Whether they were there; who asks too often goes into debt."""
        refill = max(0.0, now - self._at) * self._a_second
        self._at = max(now, self._at)
        self._left = min(self._burst, self._left + refill) - count
        return self._left >= 0


class Allowances:
    """What one socket may send: by itself, and together with its person's and address's others.

    Bytes count as they come, before they are a frame: in a thousand sockets, all but the last one
    of a message could wait.
    """

    __slots__ = ("own", "shared")

    def __init__(self, own: Allowance):
        self.own = own
        self.shared: tuple[Allowance, ...] = ()

    def take_frame(self, now: float) -> bool:
        """Whether it may send one frame more."""
        return self.own.take(now) and all(shared.take(now) for shared in self.shared)

    def take_bytes(self, size: int, now: float) -> bool:
        """Whether all who share may send so many bytes more."""
        return all(shared.take(now, size / FRAME_BYTES) for shared in self.shared)
