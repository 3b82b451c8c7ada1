"""Servers that misbehave below the level of the contract, each a few lines over a bare socket."""
