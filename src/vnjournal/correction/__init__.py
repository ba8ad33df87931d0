"""Typos found and put right, as explained edits beside the untouched text."""
