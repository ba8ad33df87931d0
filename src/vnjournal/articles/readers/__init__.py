"""Readers, one a file format. Each has ``read(document)``, which gives articles or more documents.

A reader yields an :class:`Article` for each one that the document holds; a packed file yields a
:class:`Document` for each file in it. It raises SourceError when nothing (more) can be read, and
calls ``document.report`` for a part that cannot, and goes on. A reader whose files can be written
back with typos put right also has ``pieces(document)``; see :mod:`vnjournal.articles.pieces`.
"""
