"""Reads a streamed answer: bytes to events, the lifecycle's grammar, and whether the items add up."""
