"""What a PDF shows, made into paragraphs: characters with places, lines, columns, pages."""
