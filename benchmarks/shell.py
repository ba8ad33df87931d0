"""Commands as a person starts them: each in a fresh process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PYTHON = sys.executable


def program() -> list[str]:
    """The installed command, or the module where the command is not beside the interpreter."""
    script = Path(PYTHON).with_name("vnjournal")
    return [str(script)] if script.exists() else [PYTHON, "-m", "vnjournal"]


def run_quietly(command: Sequence[str]) -> None:
    """Run a command to its end; raises CalledProcessError when it fails or finds nothing."""
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
