"""The capabilities of a provider: what a contract or a profile may claim or deny, by name."""

OPTIONAL = ("agent-tools", "over-long-input")
"""What no provider is asked for unless its contract, or its profile, claims it."""

CAPABILITIES = (
    "authorization",
    "stream",
    "tools",
    "reasoning",
    "structured",
    "conversation",
    "storage",
    *OPTIONAL,
)
"""What a profile may say that its provider has or has not. Without authorization no key is asked for."""
