"""The program as its users have it: arguments and stdin, exit code, stdout and stderr.

Starting an interpreter takes far longer than what most tests ask of it. So :func:`run` calls the
program in the tests' own process, with file descriptors of its own; it goes into a process apart
where the process is what is tested: its memory, limits, privileges, arguments that are no text, and
what others see of it.
"""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import pytest

from vnjournal.cli.main import main

_PATIENCE = 60  # seconds after which a process is taken to hang

#: How a process ends that SIGINT reached: with our own code or, where that came in the middle of an
#: ``exec()`` (a dataclass being made, say), by the signal although it was caught: the interpreter
#: remembers it until its own end. A shell calls both 130.
INTERRUPTED = (130, -signal.SIGINT)

#: A command line before the program's own, under which permission bits hold for root too.
_WITHOUT_PRIVILEGES = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """The lines of stderr."""
        return self.err.splitlines()

    @property
    def json(self) -> Any:
        """Stdout, as the one JSON document that it must be."""
        return json.loads(self.out)


def command_line(*arguments: str | Path | bytes) -> list[str | Path | bytes]:
    """What starts the program in this very interpreter."""
    return [sys.executable, "-m", "vnjournal", *arguments]


def run(
    *arguments: str | Path | bytes,
    folder: Path | None = None,
    stdin: bytes = b"",
    apart: bool = False,
    before: Iterable[str] = (),
    preexec: Callable[[], None] | None = None,
) -> Ended:
    """Run the program to its end. There must never be a traceback on its stderr.

    Args: ``apart``: in a process of its own, as always with the ones below and with bytes;
    ``before``: a command line that starts it; ``preexec``: called in the child.
    """
    line = [*before, *command_line(*arguments)]
    if apart or before or preexec or any(isinstance(word, bytes) for word in arguments):
        done = subprocess.run(
            line,
            cwd=folder,
            input=stdin,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
            preexec_fn=preexec,
        )
        ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
    else:
        with chdir(folder or Path.cwd()):
            ended = _here([os.fsdecode(word) for word in arguments], stdin)
    assert "Traceback" not in ended.err, ended.err
    assert "panicked" not in ended.err, ended.err
    return ended


def _here(arguments: list[str], stdin: bytes) -> Ended:
    """Run the program in this process. What it does not catch is raised, warnings among it."""
    kept = sys.argv, sys.stdin, sys.stdout, sys.stderr
    descriptors = [os.dup(number) for number in range(3)]
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        try:
            for number, file in enumerate((given, out, err)):
                os.dup2(file.fileno(), number)  # libraries that are not Python write there, too
            with (
                open(0, closefd=False) as sys.stdin,
                open(1, "w", closefd=False) as sys.stdout,
                open(2, "w", closefd=False) as sys.stderr,
                _patience(),
            ):
                sys.argv = ["vnjournal", *arguments]
                with pytest.raises(SystemExit) as ended:
                    main()
        finally:
            sys.argv, sys.stdin, sys.stdout, sys.stderr = kept
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
                os.close(descriptor)
        code = ended.value.code
        assert isinstance(code, int)
        return Ended(code, *(_written(file) for file in (out, err)))


def _written(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@contextmanager
def _patience() -> Iterator[None]:
    """Ends what hangs, as the time limit of a process would."""

    def hangs(*_: object) -> None:
        raise TimeoutError(f"the program has not ended after {_PATIENCE} seconds")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def typed(keys: str, *arguments: str | Path, stdout_too: bool = True) -> Ended:
    """Run the program on a pseudo-terminal, pressing one key each time that it asks.

    What the terminal shows is in ``err``, and in ``out`` what went to stdout where that is none.
    """
    try:
        outer, inner = pty.openpty()
    except OSError as error:
        pytest.skip(f"no pseudo-terminal: {error}")
    waiting = list(keys)
    screen = b""
    with subprocess.Popen(
        command_line(*arguments),
        stdin=inner,
        stdout=inner if stdout_too else subprocess.PIPE,
        stderr=inner,
        start_new_session=True,
    ) as program:
        os.close(inner)
        try:
            while select.select([outer], [], [], _PATIENCE)[0]:
                try:
                    part = os.read(outer, 65536)
                except OSError:  # the other end is closed
                    break
                screen += part
                if not part:
                    break
                if screen.endswith(b"] "):
                    assert waiting, screen.decode()
                    if (key := waiting.pop(0)) == "\x03":  # the terminal is not its session's
                        program.send_signal(signal.SIGINT)
                    else:
                        os.write(outer, key.encode())
            out = program.stdout.read().decode() if program.stdout else ""
            program.wait(_PATIENCE)
        finally:
            program.kill()
            os.close(outer)
    shown = screen.decode().replace("\r\n", "\n")
    assert "Traceback" not in shown, shown
    assert not waiting, shown
    return Ended(program.returncode, out, shown)


def refused(ended: Ended, *says: str, code: int = 2) -> None:
    """Check that a run was refused with one line that says these words."""
    assert (ended.code, len(ended.complaints)) == (code, 1), ended
    for words in says:
        assert words in ended.err, ended


def unprivileged() -> tuple[str, ...]:
    """What to put before a command so that permission bits hold; skips where nothing does."""
    if os.geteuid() != 0:
        return ()
    if shutil.which(_WITHOUT_PRIVILEGES[0]) is None:
        pytest.skip("root without setpriv: permission bits mean nothing")
    return _WITHOUT_PRIVILEGES
