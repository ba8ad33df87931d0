"""Characters and positions: letters, spans, normal forms and folding. Knows nothing of words."""
