"""Text -> sentences, syllables, words, each a span into the original."""
