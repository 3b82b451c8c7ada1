"""Real clients of the API, and what breaks them."""
