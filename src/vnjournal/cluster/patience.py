"""How long is asked again: of a cluster that is busy, or of which nodes are away."""

from __future__ import annotations

import random
import time

from vnjournal.errors import ClusterBusy, ClusterUnreachable

#: Errors that pass by themselves, mostly.
PASSING = (ClusterBusy, ClusterUnreachable)

_FIRST_PAUSE = 0.1  # seconds; doubled each time nothing came of it, less up to half by chance
_LONGEST_PAUSE = 5.0


class Patience:
    """How long a cluster is waited for: seconds without any progress."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.renew()

    def renew(self) -> None:
        """There was progress."""
        self._pause, self._until = _FIRST_PAUSE, time.monotonic() + self._seconds

    def wait(self, error: Exception) -> None:
        """Pause after an error; raises it at the end of the patience."""
        if time.monotonic() + self._pause > self._until:
            raise error
        time.sleep(self._pause * random.uniform(0.5, 1))
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
