"""Web pages: their bytes as a tree, its text in blocks, and which of them are the article.

The data flows one way: :mod:`markup` (bytes to tree), :mod:`blocks` (tree to blocks of text, those
of menus and footers marked by :mod:`furniture`, and those that many pages of the site have by
:mod:`repetition`), :mod:`declared` (what the page's head says of the article), :mod:`body` (which
blocks are the article). The reader joins them.
"""
