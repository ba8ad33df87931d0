"""Adapters for other libraries, each importing its library only when used."""
