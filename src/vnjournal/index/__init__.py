"""Articles and queries as terms, and the engines that match the two."""
