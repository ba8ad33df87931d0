"""Leaves out the doctests of integrations whose library is not installed."""

from importlib.util import find_spec

collect_ignore = [
    f"vnjournal/integrations/{library}.py"
    for library in ("spacy", "sklearn", "whoosh")
    if find_spec(library) is None
]
