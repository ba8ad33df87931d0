"""Where articles and their edits are kept: the truth from which an index can always be rebuilt."""
