"""Articles and the readers that make them from files."""
