"""Files that are packed in others: what their names may be, and how much may come out of them."""
