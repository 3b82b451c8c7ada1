"""Reads a streamed answer: bytes to events, the lifecycle's grammar, and whether the story adds up."""
