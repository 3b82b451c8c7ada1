"""One run: what it is told, what it performs, what it keeps."""
