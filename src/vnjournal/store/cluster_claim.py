"""The right of one alone to build an archive on a cluster anew: a note in it that says who does.

Whoever wants it creates the note, under a token that nobody else has, and writes it again from time
to time to be seen. Each time, the note must be as it was looked at: so there are never two. One who
was not seen for long is taken for dead, and another takes over; what he does when he comes back, is
to find out that the note is not his any more.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from vnjournal.cluster.bulk import Action, Version
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.documents import document_id, versions

#: Seconds after which one that was not seen is taken for dead.
GIVEN_UP = 300

_NAME = "rebuilding"
_ID = document_id("setting", _NAME)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the right, in words; by which token, when seen last, and the note's version."""

    who: str
    token: str
    seen: float
    version: Version


class Claim:
    """A claim to the right.

    Args: ``notes``: the index of the archive's notes; ``is_done``: tells of a token whether what it
    was taken for is done, so that it was only not given back.
    """

    def __init__(self, connection: Connection, notes: str, is_done: Callable[[str], bool]) -> None:
        self.token = uuid4().hex[:8]
        self._connection = connection
        self._notes = notes
        self._is_done = is_done

    def take(self) -> Holder | None:
        """Take the right; returns who has it, where that is another."""
        while True:
            held = self._held()
            if held and time.time() - held.seen < GIVEN_UP and not self._is_done(held.token):
                return held
            if self._write(held):
                return None

    def renew(self) -> bool:
        """Be seen; returns whether we still have the right."""
        held = self._held()
        return held is not None and held.token == self.token and self._write(held)

    def release(self) -> None:
        """Give the right back, if we have it still."""
        held = self._held()
        if held and held.token == self.token:
            self._clear(held)

    def holder(self) -> Holder | None:
        """Who has the right; one who is done with it has it no longer."""
        held = self._held()
        if held and self._is_done(held.token):
            self._clear(held)
            return None
        return held

    def _held(self) -> Holder | None:
        (found,) = versions(self._connection, self._notes, [_ID], ["value"])
        if found is None:
            return None
        value, version = found[0]["value"], found[1]
        return Holder(value["text"], value.get("token", ""), value.get("seen", 0), version)

    def _write(self, held: Holder | None) -> bool:
        """Write that we have the right, in the place of what was found; returns whether it was."""
        who = f"{socket.gethostname()} (process {os.getpid()})"
        value = {"name": _NAME, "text": who, "token": self.token, "seen": time.time()}
        body = {"kind": "setting", "value": value}
        action: Action = ("index", _ID, body, held.version) if held else ("create", _ID, body)
        return not self._connection.bulk(self._notes, [action], refresh=True)

    def _clear(self, held: Holder) -> None:
        self._connection.bulk(self._notes, [("delete", _ID, None, held.version)], refresh=True)
