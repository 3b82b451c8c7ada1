"""Real clients, each in a process of its own, and what they make of a provider's answers."""
