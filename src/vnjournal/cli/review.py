"""Asking on the terminal about one edit after another."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

import vnjournal as vj
from vnjournal.cli import printing
from vnjournal.cli.options import Place

if TYPE_CHECKING:
    from vnjournal.correction.corrector import Level

_KEYS = {
    "y": "accept",
    "n": "reject",
    "s": "leave it for later",
    "a": "accept this and every further edit like it",
    "r": "reject this and every further edit like it",
    "q": "stop; what was decided is kept",
    "?": "show this",
}
_END = "\x04\0"  # Ctrl-D, and Ctrl-D typed ahead
_ANSWERS = {"y": True, "a": True, "n": False, "r": False, "s": None}


class Dialog:
    """Asks about edits on stderr, so that stdout may go elsewhere.

    ``stopped`` says that no more questions are to be asked; answers for all further edits of a kind
    stand nevertheless.
    """

    def __init__(self) -> None:
        self.stopped = False
        self.standing: dict[tuple[str, str], bool] = {}
        self.skipped: set[vj.Proposal] = set()
        self._typed: list[str] = []
        self._heading = ("", "")

    @property
    def is_over(self) -> bool:
        """Whether every further answer is None."""
        return self.stopped and not self.standing

    def ask(self, proposal: vj.Proposal) -> bool | None:
        """Whether an edit is accepted; None leaves it undecided."""
        if proposal.typo in self.standing:
            return self.standing[proposal.typo]
        if self.stopped:
            return None
        self._show(proposal)
        key = self._key()
        if key in "ar":
            self.standing[proposal.typo] = key == "a"
        elif key == "q":
            self.stopped = True
        elif key == "s":
            self.skipped.add(proposal)
        return _ANSWERS.get(key)

    def _show(self, proposal: vj.Proposal) -> None:
        heading = (proposal.heading, proposal.id)
        if heading != self._heading:
            title, id = (printing.shown(part, on_terminal=True) for part in heading)
            _say(f"{printing.bold(title)}  {printing.dim(id)}")
            self._heading = heading
        edit, left, right = proposal.edit, proposal.left, proposal.right
        _say(printing.edit_lines(edit, left, right, on_terminal=True))
        if proposal.accepted is not None:
            _say(f"      {'accepted' if proposal.accepted else 'rejected'} before")

    def _key(self) -> str:
        while True:
            click.echo(f"  accept? [{','.join(_KEYS)}] ", nl=False, err=True)
            key = self._next_character()
            if key in _KEYS and key != "?":
                _say(f"{key}: {_KEYS[key]}")
                return key
            _say("")
            for name, meaning in _KEYS.items():
                _say(f"    {name}  {meaning}")

    def _next_character(self) -> str:
        """The next key; keys may come several at once when they are typed ahead."""
        while not self._typed:
            typed = _typed().lower()
            if typed.startswith("\x1b"):  # an arrow, say
                return "?"
            self._typed = [key for key in typed if key not in "\r\n"]
        key = self._typed.pop(0)
        return "q" if key in _END else key


def _typed() -> str:
    """Wait for the keyboard; what was typed ahead counts, and the end of input is a key."""
    if sys.platform == "win32":
        return click.getchar()
    import termios
    import tty

    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    try:
        tty.setcbreak(keyboard, termios.TCSADRAIN)
        return os.read(keyboard, 64).decode("utf-8", "replace") or _END[0]
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def _say(line: str) -> None:
    click.echo(line, err=True)


def on_terminal() -> bool:
    """Whether there is somebody to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def review_archive(place: Place, level: Level, again: bool) -> None:
    """Ask about the edits of an archive; each answer is kept at once and the index follows it.

    Args: ``again``: also about those that are decided.
    """
    counts = {True: 0, False: 0}
    dialog = Dialog()
    with vj.Archive.open(place) as archive:
        try:
            for proposal in archive.proposals(level, decided=again):
                if proposal.typo in dialog.standing:
                    continue  # decided when that was said
                answer = dialog.ask(proposal)
                if dialog.stopped:
                    break
                if answer is not None:
                    meant = _all_like(archive, proposal, level, again, dialog)
                    counts[answer] += archive.decide(meant, accept=answer)
        finally:
            skipped = f", {len(dialog.skipped)} left for later" if dialog.skipped else ""
            _say(f"{counts[True]} accepted, {counts[False]} rejected{skipped} in {place}")


def _all_like(
    archive: vj.Archive, proposal: vj.Proposal, level: Level, again: bool, dialog: Dialog
) -> list[vj.Proposal]:
    """A proposal, or all of its typo where the answer to it stands for them."""
    if proposal.typo not in dialog.standing:
        return [proposal]
    found = archive.proposals(level, decided=again, like=proposal.typo)
    return [each for each in found if each not in dialog.skipped]
