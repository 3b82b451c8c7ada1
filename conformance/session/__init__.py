"""A run inside one session of pytest's."""
