"""A generated archive: documents of every format and encoding that is read, with what they say.

Texts come from corpora, or from the sample articles; names, dates, journals and numbers are made
up. Everything follows from a seed.
"""
