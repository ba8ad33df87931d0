"""A lock that also holds when the process is forked."""

from __future__ import annotations

import os
from threading import Lock


def fork_safe_lock() -> Lock:
    """A lock for as long as the program runs; a fork waits until no thread holds it.

    Without that, a process forked while another thread holds the lock would get a copy that nobody
    releases, and of what the lock guards a copy that is half written.

    >>> with fork_safe_lock() as held:
    ...     held
    True
    """
    lock = Lock()
    if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
        os.register_at_fork(
            before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
        )
    return lock
