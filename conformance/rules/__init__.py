"""What an answer or a refusal has to keep: pure functions from what came to findings."""
