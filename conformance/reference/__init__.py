"""The embedded reference provider: a small, deterministic, conforming server, and its broken variants."""
