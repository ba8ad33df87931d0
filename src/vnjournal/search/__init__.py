"""Queries as readers type them, and answers as readers see them."""
