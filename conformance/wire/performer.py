"""What performs calls: the network, recordings, or the one after the other."""

from typing import Protocol

from conformance.exchange import Call, Exchange, Fault, Traffic

PATH_SAFE = "/:@!$&'()*+,;=%~-._"
"""What stays as it is in the path of a call; anything else is percent-encoded."""


class Performer(Protocol):
    """Makes calls, each into one exchange, whatever comes of it."""

    @property
    def traffic(self) -> Traffic:
        """What has been sent so far."""
        ...

    async def perform(self, call: Call, *, urgency: int = 0, output_tokens: int = 0) -> Exchange:
        """Make a call. The more urgent one waits less; `output_tokens` estimates what it will bill."""
        ...

    def built_on(self, scenario: str, before: str) -> Exchange | None:
        """The exchange of `before` that a scenario's recording was made with; None where it is the latest."""
        ...

    def unsent(self, call: Call, fault: Fault) -> Exchange:
        """The exchange of a call that is not made, with the reason."""
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...
