"""Every error that vnjournal raises on purpose.

::

    VnjournalError
    ├── DataError               a packaged data file is missing or damaged
    ├── SourceError             a file or a line of it cannot be read as an article
    ├── HarvestError            a server cannot be harvested, or not to the end
    ├── WriteError              a file cannot be put where it should be
    ├── WorkerLost              a worker process died
    └── ArchiveError
        ├── ArchiveNotFound     there is no archive at that place
        ├── ArchiveExists       there is one already, made for another engine
        ├── ArchiveLocked       another process is writing to it
        ├── ArchiveOutdated     it was written by another version of the format
        ├── ArchiveDamaged      its files cannot be read
        ├── ArchiveFull         the disk is full or a file may not grow
        ├── AccessDenied        a cluster does not let in, or not do that
        ├── ClusterUnreachable  a cluster, or the part with the archive, does not answer
        └── ClusterBusy         a cluster has too much to do

Each message is one line that says what is wrong and what to do next.
"""

from __future__ import annotations


class VnjournalError(Exception):
    """The common base: whatever vnjournal itself reports as wrong."""


class DataError(VnjournalError):
    """A packaged data file is missing or damaged."""


class SourceError(VnjournalError):
    """A file, or a line of it, cannot be read as an article."""


class HarvestError(VnjournalError):
    """A server cannot be harvested, or not to the end; what came before is kept."""


class WriteError(VnjournalError):
    """A file cannot be put where it should be; what was there is untouched."""


class WorkerLost(VnjournalError):
    """A worker process died before its work was done; what it was given is not lost, nor done."""


class ArchiveError(VnjournalError):
    """An archive cannot do what was asked."""


class ArchiveNotFound(ArchiveError):
    """There is no archive at that place."""


class ArchiveExists(ArchiveError):
    """There is an archive already, made for another engine."""


class ArchiveLocked(ArchiveError):
    """Another process is writing to the archive."""


class ArchiveOutdated(ArchiveError):
    """The archive was written by another version of the format or of the analysis."""


class ArchiveDamaged(ArchiveError):
    """The archive's files cannot be read."""


class ArchiveFull(ArchiveError):
    """The disk is full, or a file may not grow further."""


class AccessDenied(ArchiveError):
    """A cluster does not let in who asks, or not do what was asked; or credentials are amiss."""


class ClusterUnreachable(ArchiveError):
    """A cluster, or the part of it that holds the archive, does not answer."""


class ClusterBusy(ArchiveError):
    """A cluster has too much to do, also after it was asked again and again."""


def half_a_character(error: UnicodeEncodeError) -> ArchiveError:
    """The error for text with a surrogate that stands alone."""
    half = error.object[error.start : error.end]
    return ArchiveError(f"{half!a} is half a character, which no text can hold")
