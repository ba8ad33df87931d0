"""The engines by name, each imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from vnjournal.errors import ArchiveError
from vnjournal.index.engine import FolderEngine

_ENGINES = {
    "tantivy": ("vnjournal.index.tantivy_engine", "TantivyEngine"),
    "whoosh": ("vnjournal.index.whoosh_engine", "WhooshEngine"),
}

#: Names of the engines, the default first.
NAMES = tuple(_ENGINES)


def engine_class(name: str) -> type[FolderEngine]:
    """The class of an engine. Raises ArchiveError for a name that is none."""
    if name not in _ENGINES:
        raise ArchiveError(f"there is no engine {name!r}: choose one of {', '.join(NAMES)}")
    module, attribute = _ENGINES[name]
    found: type[FolderEngine] = getattr(import_module(module), attribute)
    return found
