"""What lies behind an archive in a folder, for tests that look into it or damage it."""

from __future__ import annotations

from vnjournal.archive import Archive
from vnjournal.archive_folder import ArchiveFolder


def folder_of(archive: Archive) -> ArchiveFolder:
    """The folder of an archive: its store, and its engine."""
    assert isinstance(archive._home, ArchiveFolder)
    return archive._home
