"""The contract's times, for a machine that has something else to do as well."""

import os


def allowed(seconds: float) -> float:
    """The bound itself on a quiet machine; stretched by the load where others compute, too."""
    cores = os.cpu_count() or 1
    return seconds * max(1.0, os.getloadavg()[0] / cores)
