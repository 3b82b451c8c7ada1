"""The closed words, from how a check ended to its row, and the gate."""
