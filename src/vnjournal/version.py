"""The version of the package and of what it writes to disk."""

__version__ = "0.1.0.dev0"

#: Version of the archive folder's layout: another one cannot be read.
FORMAT_VERSION = 1

#: Version of what files are read as: with another one, those of before are read again.
READERS_VERSION = 5

#: Version of what articles become in the index: another one means a rebuild from the store.
ANALYSIS_VERSION = 4
