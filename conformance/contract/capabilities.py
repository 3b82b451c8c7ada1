"""The capabilities of a provider: what a contract or a profile may claim or deny, by name."""

from collections.abc import Collection

CLAIMABLE = ("agent-tools", "over-long-input")
"""What no provider is asked for unless its contract, or its profile, claims it."""

EVIDENCE = "evidence"
"""What is no provider's capability: nobody is asked for it but where the command line says so."""

OPTIONAL = (*CLAIMABLE, EVIDENCE)
"""What is left out of a run unless something asks for it."""

CAPABILITIES = (
    "authorization",
    "stream",
    "tools",
    "reasoning",
    "structured",
    "conversation",
    "storage",
    *CLAIMABLE,
)
"""What a profile may say that its provider has or has not. Without authorization no key is asked for."""


def not_asked(missing: Collection[str]) -> str:
    """Why nothing is sent that needs these: whose word it takes."""
    if EVIDENCE in missing:
        return "evidence of origin is looked for with --evidence"
    return f"the profile does not claim {', '.join(sorted(missing))}"
