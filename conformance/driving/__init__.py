"""Drives real clients, each in a process of its own, and holds what they read against what they were sent."""
