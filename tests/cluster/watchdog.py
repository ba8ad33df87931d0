"""Ends a group of processes and removes their folder when the process that owns them is gone.

That holds however the owner ends, by SIGKILL too. The kernel's parent-death signal will not do: it
comes when the *thread* that started a process ends, and it removes no folder.

Started as the first process of the group, with the owner's number and the folder.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path


def watch(owner: int, folder: Path) -> None:
    with suppress(ProcessLookupError):  # gone already
        select.select([os.pidfd_open(owner)], [], [])
    group = os.getpgrp()
    if os.fork():
        signal.pause()  # until the child has killed the group, and this with it
    os.setpgid(0, 0)
    os.killpg(group, signal.SIGKILL)
    for _ in range(50):  # a process that is being killed may still write
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
        time.sleep(0.1)


if __name__ == "__main__":
    watch(int(sys.argv[1]), Path(sys.argv[2]))
